import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;

/** SetScramPassword BROKER USER: makes the user, or gives him another password, which is read from the standard input. */
class SetScramPassword {
  private static final int ITERATIONS = 4096;

  public static void main(String[] args) throws Exception {
    var password = new String(System.in.readAllBytes(), "UTF-8");
    var mechanism = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS);
    try (var admin = Admin.create(Map.of("bootstrap.servers", args[0]))) {
      admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(args[1], mechanism, password))).all().get();
    }
  }
}
