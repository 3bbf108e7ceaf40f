import type { EvolutionClient } from '@whatsapp-sender/evolution-client'
import type { InstanceDirectory, Store } from '@whatsapp-sender/store'
import type { Config } from './config.ts'
import { discardDeadLetterRoute } from './dead-letters/discard-dead-letter.route.ts'
import { discardDeadLettersRoute } from './dead-letters/discard-dead-letters.route.ts'
import { listDeadLettersRoute } from './dead-letters/list-dead-letters.route.ts'
import { readDeadLetterRoute } from './dead-letters/read-dead-letter.route.ts'
import { replayDeadLetterRoute } from './dead-letters/replay-dead-letter.route.ts'
import { replayDeadLettersRoute } from './dead-letters/replay-dead-letters.route.ts'
import type { Events } from './events.ts'
import { authenticateEventRoute, receiveEventRoute } from './evolution-events/receive-event.route.ts'
import { createWebhookSecrets } from './evolution-events/webhook-secret.ts'
import { homeRoute } from './home/home.route.ts'
import type { RouteTable } from './http/app.ts'
import { createAuthenticate } from './http/authenticate.ts'
import { jsonBody } from './http/json-body.ts'
import { createRequestLimit } from './http/request-limit.ts'
import { createAdoptInstance } from './instances/adopt-instance.ts'
import { createConnectInstance } from './instances/connect-instance.ts'
import { createCreateInstance } from './instances/create-instance.ts'
import { createReadConditions } from './instances/instance-conditions.ts'
import { createInstanceLookup } from './instances/instance-lookup.ts'
import { instanceRoutes } from './instances/instance-routes.ts'
import { createInstanceTokens } from './instances/instance-token.ts'
import { createReadLiveState } from './instances/live-state.ts'
import { createEvolutionEventPublisher } from './kafka/evolution-event-publisher.ts'
import type { GroupCommitProducer } from './kafka/group-commit-producer.ts'
import { createMessagePublisher } from './kafka/message-publisher.ts'
import { legacyLoginRoute } from './legacy/legacy-login.route.ts'
import { legacyMessageRoute } from './legacy/legacy-message.route.ts'
import { cancelMessageRoute } from './messages/cancel-message.route.ts'
import { createFindMessage } from './messages/find-message.ts'
import { readMessageRoute } from './messages/read-message.route.ts'
import { createReadSurroundings } from './messages/read-surroundings.ts'
import { createRecipientSchema } from './messages/recipient.ts'
import { rescheduleMessageRoute } from './messages/reschedule-message.route.ts'
import { sendMessageRoute } from './messages/send-message.route.ts'
import { createSendMessage } from './messages/send-message.ts'
import { discardUndecodableRoute } from './undecodable/discard-undecodable.route.ts'
import { listUndecodableRoute } from './undecodable/list-undecodable.route.ts'
import { readUndecodableRoute } from './undecodable/read-undecodable.route.ts'
import { createAccessTokenIssuer, createTokenKeys } from './users/access-tokens.ts'
import { createKnownUsers } from './users/known-users.ts'
import { listUsersRoute } from './users/list-users.route.ts'
import { logInRoute } from './users/log-in.route.ts'
import { createLogIn } from './users/log-in.ts'
import { logOutRoute } from './users/log-out.route.ts'
import { createLoginLimits } from './users/login-limits.ts'
import type { JudgePassword } from './users/password-policy.ts'
import type { Passwords } from './users/passwords.ts'
import { refreshSessionRoute } from './users/refresh-session.route.ts'
import { reviewUserRoute } from './users/review-user.route.ts'
import { createReviewUser } from './users/review-user.ts'
import { createSessions } from './users/sessions.ts'
import { signUpRoute } from './users/sign-up.route.ts'
import { createSignUp } from './users/sign-up.ts'

/** How often one address or account may try, per minute and process. */
export type Limits = Readonly<{
  signUpsPerAddress: number
  loginsPerAddress: number
  /** From one address. */
  loginsPerAccountAndAddress: number
  loginsPerAccount: number
}>

/** Evolution's events carry whole messages. */
const EVENT_BODY = { bytesMax: 1024 * 1024 }

type Parts = Readonly<{
  config: Config
  version: string
  limits: Limits
  events: Events
  store: Store
  directory: InstanceDirectory
  evolution: EvolutionClient
  passwords: Passwords
  judgePassword: JudgePassword
  messages: GroupCommitProducer
  evolutionEvents: GroupCommitProducer
}>

/** Everything the API answers to. */
export function createRoutes(parts: Parts): RouteTable {
  const { version, users, instances, messages, deadLetters, undecodable, events } = buildUseCases(parts)
  const body = jsonBody({ bytesMax: 64 * 1024 })
  return {
    // First, for routes are tried in order: this one is called by the thousand.
    '/v1/messages': { post: [body, sendMessageRoute(messages)] },
    '/': { get: [homeRoute({ version })] },
    '/user/signup': { post: [body, signUpRoute(users)] },
    '/user/login': { post: [body, logInRoute(users)] },
    '/user/refresh': { post: [body, refreshSessionRoute(users)] },
    '/user/logout': { post: [logOutRoute(users)] },
    '/v1/users': { get: [listUsersRoute(users)] },
    '/v1/users/:id': { patch: [body, reviewUserRoute(users)] },
    ...instanceRoutes(instances),
    '/v1/messages/:id': { get: [readMessageRoute(messages)], patch: [body, rescheduleMessageRoute(messages)] },
    '/v1/messages/:id/cancel': { post: [cancelMessageRoute(messages)] },
    '/v1/dead-letters': { get: [listDeadLettersRoute(deadLetters)] },
    '/v1/dead-letters/replay': { post: [body, replayDeadLettersRoute(deadLetters)] },
    '/v1/dead-letters/discard': { post: [body, discardDeadLettersRoute(deadLetters)] },
    '/v1/dead-letters/:id': { get: [readDeadLetterRoute(deadLetters)] },
    '/v1/dead-letters/:id/replay': { post: [body, replayDeadLetterRoute(deadLetters)] },
    '/v1/dead-letters/:id/discard': { post: [discardDeadLetterRoute(deadLetters)] },
    '/v1/undecodable': { get: [listUndecodableRoute(undecodable)] },
    '/v1/undecodable/:id': { get: [readUndecodableRoute(undecodable)], delete: [discardUndecodableRoute(undecodable)] },
    '/v1/evolution/events': { post: [authenticateEventRoute(events), jsonBody(EVENT_BODY), receiveEventRoute(events)] },
    '/whatsappsender/message': { post: [body, legacyMessageRoute(messages)] },
    '/whatsappsender/login': { post: [body, legacyLoginRoute(instances)] },
  }
}

function buildUseCases(parts: Parts) {
  const { config, limits, events, store, directory, evolution } = parts
  const { defaultCountry } = config.messages
  const { instanceDefaults: defaults } = config
  const { webhookUrl } = config.evolution
  const keys = createTokenKeys(config.auth.jwtSecret)
  const knownUsers = createKnownUsers(store.users)
  const authenticate = createAuthenticate({
    keys,
    users: knownUsers,
    acceptLegacyTokens: config.auth.acceptLegacyTokens,
  })
  const phoneNumber = createRecipientSchema(defaultCountry)
  const lookup = createInstanceLookup(directory)
  const secrets = createWebhookSecrets(config.secretKey)
  const perMinute = (points: number) => createRequestLimit({ points, perSeconds: 60 })
  const sessions = createSessions({
    issueAccessToken: createAccessTokenIssuer({ keys, ttlSeconds: config.auth.accessTtlSeconds }),
    accessTtlSeconds: config.auth.accessTtlSeconds,
    refreshTtlMs: config.auth.refreshTtlMs,
    refreshTokens: store.refreshTokens,
    users: store.users,
    forgetKnownUser: knownUsers.forget,
  })
  const readConditions = createReadConditions({
    isEvolutionDown: store.processes.isEvolutionDown,
    findPaceFacts: store.paceAccounts.find,
  })
  const making = {
    evolution,
    instances: store.instances,
    tokenOf: createInstanceTokens(config.secretKey),
    secrets,
    webhookUrl,
    refreshDirectory: directory.refresh,
    onCreated: events.instanceCreated,
    onLeftBehind: events.instanceLeftBehind,
    onRemoved: events.instanceRemoved,
  }
  const readSurroundings = createReadSurroundings({
    directory,
    readConditions,
    defaultPace: defaults.pace,
    hasRowAhead: store.ledger.hasRowAhead,
    findContacts: store.contacts.find,
  })
  return {
    version: parts.version,
    users: {
      authenticate,
      signUp: createSignUp({ judgePassword: parts.judgePassword, passwords: parts.passwords, users: store.users }),
      limit: perMinute(limits.signUpsPerAddress),
      logIn: createLogIn({
        limits: createLoginLimits({
          perAddress: perMinute(limits.loginsPerAddress),
          perAccountAndAddress: perMinute(limits.loginsPerAccountAndAddress),
          perAccount: perMinute(limits.loginsPerAccount),
        }),
        passwords: parts.passwords,
        users: store.users,
        startSession: sessions.start,
        onRehashFailed: events.passwordNotRehashed,
      }),
      refreshSession: sessions.refresh,
      endSessions: sessions.endAll,
      reviewUser: createReviewUser({
        users: store.users,
        refreshTokens: store.refreshTokens,
        forgetKnownUser: knownUsers.forget,
      }),
      setEventFeed: async (id: string, eventFeed: boolean) => {
        const user = await store.users.setEventFeed(id, eventFeed)
        if (user !== undefined) knownUsers.forget(user)
        return user
      },
      listUsers: store.users.listByStatus,
    },
    instances: {
      authenticate,
      phoneNumber,
      instances: lookup,
      defaults,
      readConditions,
      createInstance: createCreateInstance(making),
      adoptInstance: createAdoptInstance(making),
      findUserByEmail: store.users.findByEmail,
      connectInstance: createConnectInstance({ evolution, instances: store.instances }),
      readLiveState: createReadLiveState({ evolution, instances: store.instances }),
      listInstances: store.instances.listOwnedBy,
      configureInstance: store.instances.configure,
      refreshDirectory: directory.refresh,
      parts: making,
    },
    messages: {
      authenticate,
      recipient: phoneNumber,
      directory,
      sendMessage: createSendMessage({
        instances: lookup,
        ledger: store.ledger,
        publish: createMessagePublisher(parts.messages),
        eventFeedDefault: config.messages.eventFeedDefault,
      }),
      onResult: events.messageJudged,
      findMessage: createFindMessage({ ledger: store.ledger }),
      readSurroundings,
      cancelMessage: store.ledger.cancel,
      rescheduleMessage: store.ledger.reschedule,
    },
    deadLetters: {
      authenticate,
      recipient: phoneNumber,
      readSurroundings,
      listDeadLetters: store.ledger.listDeadLetters,
      findDeadLetter: store.ledger.findDeadLetter,
      replay: store.ledger.replay,
      replayMatching: store.ledger.replayMatching,
      discard: store.ledger.discard,
      discardMatching: store.ledger.discardMatching,
    },
    undecodable: {
      authenticate,
      listUndecodable: store.undecodable.list,
      findUndecodable: store.undecodable.find,
      removeUndecodable: store.undecodable.remove,
      onDiscarded: events.undecodableDiscarded,
    },
    events: {
      secrets,
      findInstance: lookup.byId,
      publish: createEvolutionEventPublisher(parts.evolutionEvents),
      onEvent: events.evolutionEventReceived,
    },
  }
}
