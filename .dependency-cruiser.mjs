import { Visitor } from '@swc/core/Visitor.js'

/** Imports point one way: main → service → {route, consumer, adapter} → use case → contract. */

const TESTS = '\\.test\\.ts$|/tests/|^tests/'

/** A library has one home, so that it can be replaced there. */
function home(name, library, allowed, comment) {
  return {
    name: `${name}-has-one-home`,
    comment,
    severity: 'error',
    from: { pathNot: allowed },
    to: { path: `(^|/)node_modules/(@types/)?${library}(/|$)` },
  }
}

function forbid(name, comment, from, to) {
  return { name, comment, severity: 'error', from, to }
}

/** Everything in a feature folder of the API that is no route and neither lists nor describes routes. */
const USE_CASES = {
  path: '^services/api/src/[^/]+/',
  pathNot: `\\.route\\.ts$|-(routes|operations)\\.ts$|^services/api/src/(http|kafka|openapi)/|${TESTS}`,
}

export default {
  forbidden: [
    forbid('no-cycle', 'Two files that need each other are one, or a third is missing.', {}, { circular: true }),
    forbid(
      'not-resolvable',
      'An import leads nowhere, or to a package that the workspace does not declare.',
      {},
      { couldNotResolve: true },
    ),
    forbid(
      'declared-dependencies',
      'A workspace declares what it imports.',
      { path: '^(packages|services|infra|sandbox|bench|tests)/', pathNot: TESTS },
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    ),
    forbid(
      'no-test-in-production',
      'What runs must not need what tests.',
      { path: '^(packages|services|infra)/', pathNot: TESTS },
      { path: TESTS },
    ),
    forbid(
      'services-apart',
      'Services meet in Kafka and in the ledger only.',
      { path: '^services/([^/]+)/' },
      { path: '^services/', pathNot: '^services/$1/' },
    ),
    forbid(
      'packages-below',
      'A package serves the services and never knows them.',
      { path: '^packages/', pathNot: TESTS },
      { path: '^(services|infra|sandbox|bench|tests)/' },
    ),
    forbid(
      'infra-knows-the-contract-only',
      'What the cluster objects look like depends on the specification, and on what crosses a process boundary.',
      { path: '^infra/', pathNot: TESTS },
      { path: '^(packages|services|sandbox|bench|tests)/', pathNot: '^packages/contract/' },
    ),
    forbid(
      'services-without-sandbox',
      'The sandbox is one place to run in; production has no part of it.',
      { path: '^services/', pathNot: TESTS },
      { path: '^(sandbox|bench|tests)/' },
    ),
    forbid(
      'runtime-knows-no-message',
      'service-runtime uses libraries only.',
      { path: '^packages/service-runtime/' },
      { path: '^packages/', pathNot: '^packages/service-runtime/' },
    ),
    forbid(
      'contract-is-the-bottom',
      'contract uses libraries only.',
      { path: '^packages/contract/' },
      { path: '^packages/', pathNot: '^packages/contract/' },
    ),
    forbid(
      'contract-does-no-io',
      'What crosses a process boundary is data; hashing is the one thing of node it needs.',
      { path: '^packages/contract/', pathNot: TESTS },
      { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    ),
    forbid(
      'adapters-know-the-contract-only',
      'store, evolution-client and outgoing must not know each other.',
      { path: '^packages/(store|evolution-client|outgoing)/' },
      { path: '^packages/', pathNot: '^packages/($1|contract)/' },
    ),
    forbid('use-cases-know-no-library', 'A use case receives functions and small interfaces.', USE_CASES, {
      path: '(^|/)node_modules/(@types/)?(express|kafkajs|axios|undici|mongoose|mongodb)(/|$)',
    }),
    forbid(
      'use-cases-above-adapters',
      'Of an adapter a use case takes types at most, and the errors that carry their own status; service.ts hands it in.',
      USE_CASES,
      {
        path: '^services/[^/]+/src/(http|kafka|ingest)/',
        pathNot: '/http/problem\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    ),
    forbid('main-on-top', 'Nothing imports an entry file.', {}, { path: '^services/[^/]+/src/main\\.ts$' }),
    home(
      'express',
      'express',
      '^services/api/src/http/|\\.route\\.ts$|^sandbox/evolution/|^bench/',
      'HTTP in: middleware and routes.',
    ),
    home(
      'kafkajs',
      'kafkajs',
      `/(kafka|ingest|receipts)/|^packages/service-runtime/src/kafka\\.ts$|^sandbox/embedded/|^bench/|${TESTS}`,
      'kafkajs is no longer maintained: it must stay replaceable.',
    ),
    home(
      'http-client',
      '(axios|undici)',
      '^packages/(evolution-client|outgoing)/|^services/operator/src/(kubernetes|api)/|^bench/',
      'HTTP out: the one caller of Evolution, the one of addresses that users gave, the operator to the two APIs.',
    ),
    home('kubernetes', '@kubernetes/client-node', `^services/operator/src/kubernetes/|${TESTS}`, 'Kubernetes.'),
    home('cdk8s', '(cdk8s|cdk8s-plus-27|constructs)', '^infra/src/cdk8s\\.ts$', 'Their types are named in one file.'),
    home(
      'csv',
      'csv-parse',
      '^services/api/src/campaigns/read-csv\\.ts$',
      'Rows that others wrote are read in one place.',
    ),
    home(
      'opentelemetry',
      '@opentelemetry',
      '^packages/service-runtime/src/tracing/otlp-export\\.ts$',
      'Spans are ours: the SDK gathers, encodes and posts them, and is loaded only where something is traced.',
    ),
    home('mail', '(nodemailer|smtp-server)', `^services/api/src/mail/|${TESTS}`, 'Mail out.'),
    home('mongodb', '(mongoose|mongodb)', `^packages/store/|^sandbox/embedded/|${TESTS}`, 'One home of MongoDB.'),
  ],
  options: {
    // swc sees `import type` too, so nothing is asked of a TypeScript compiler.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(node_modules/\\.cache|\\.sandbox|\\.cache)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.json'],
    },
  },
}

// The walk over swc's tree stops at `using`, which is newer than it: a declaration like any other.
const visitStatement = Visitor.prototype.visitStatement
Visitor.prototype.visitStatement = function visit(statement) {
  if (statement.type !== 'UsingDeclaration') return visitStatement.call(this, statement)
  statement.decls = this.visitVariableDeclarators(statement.decls)
  return statement
}
