import { administrationRoutes } from './administration/administration-routes.ts'
import { apiKeyRoutes } from './api-keys/api-key-routes.ts'
import { auditRoutes } from './audit/audit-routes.ts'
import { batchRoutes } from './batches/batch-routes.ts'
import { bulkOperationRoutes } from './bulk-operations/bulk-operation-routes.ts'
import { createOrderBulkOperation } from './bulk-operations/order-bulk-operation.route.ts'
import { campaignRoutes } from './campaigns/campaign-routes.ts'
import { discardDeadLetterRoute } from './dead-letters/discard-dead-letter.route.ts'
import { discardDeadLettersRoute } from './dead-letters/discard-dead-letters.route.ts'
import { listDeadLettersRoute } from './dead-letters/list-dead-letters.route.ts'
import { readDeadLetterRoute } from './dead-letters/read-dead-letter.route.ts'
import { replayDeadLetterRoute } from './dead-letters/replay-dead-letter.route.ts'
import { replayDeadLettersRoute } from './dead-letters/replay-dead-letters.route.ts'
import { errorPageRoutes } from './error-pages/error-page-routes.ts'
import { authenticateEventRoute, receiveEventRoute } from './evolution-events/receive-event.route.ts'
import { createWebhookSecrets } from './evolution-events/webhook-secret.ts'
import { createChooseEvolutionServer } from './evolution-servers/choose-evolution-server.ts'
import { evolutionServerRoutes } from './evolution-servers/evolution-server-routes.ts'
import { followingRoutes } from './following/following-routes.ts'
import { homeRoute } from './home/home.route.ts'
import type { RouteTable } from './http/app.ts'
import { jsonBody } from './http/json-body.ts'
import { traceRequests } from './http/trace-requests.ts'
import { createAdoptInstance } from './instances/adopt-instance.ts'
import { createConnectInstance } from './instances/connect-instance.ts'
import { createCreateInstance } from './instances/create-instance.ts'
import { createReadConditions } from './instances/instance-conditions.ts'
import { createInstanceLookup } from './instances/instance-lookup.ts'
import { instanceRoutes } from './instances/instance-routes.ts'
import { createInstanceTokens } from './instances/instance-token.ts'
import { createReadLiveState } from './instances/live-state.ts'
import { createEvolutionEventPublisher } from './kafka/evolution-event-publisher.ts'
import { createMessagePublisher, createMessagesPublisher } from './kafka/message-publisher.ts'
import { legacyLoginRoute } from './legacy/legacy-login.route.ts'
import { legacyMessageRoute } from './legacy/legacy-message.route.ts'
import { meRoutes } from './me/me-routes.ts'
import { createFileTaking, mediaRoutes } from './media/media-routes.ts'
import { cancelMessageRoute } from './messages/cancel-message.route.ts'
import { cancelMessagesRoute } from './messages/cancel-messages.route.ts'
import { createCheckMessage } from './messages/check-message.ts'
import { createFindMessage } from './messages/find-message.ts'
import { createKeepInline } from './messages/inline-file.ts'
import { listMessagesRoute } from './messages/list-messages.route.ts'
import { readMessageRoute } from './messages/read-message.route.ts'
import { createReadSurroundings } from './messages/read-surroundings.ts'
import { createRecipientSchema, numbersOnly } from './messages/recipient.ts'
import { createRefuseFiles } from './messages/refuse-files.ts'
import { createRefuseNew } from './messages/refuse-new.ts'
import { rescheduleMessageRoute } from './messages/reschedule-message.route.ts'
import { sendMessageRoute } from './messages/send-message.route.ts'
import { createSendMessage } from './messages/send-message.ts'
import { createStoredFiles } from './messages/stored-files.ts'
import { numberRoutes } from './numbers/number-routes.ts'
import { openApiRoutes } from './openapi/openapi-routes.ts'
import { createFindAddressFault } from './outgoing-addresses.ts'
import type { Parts } from './parts.ts'
import { personRoutes } from './persons/person-routes.ts'
import { suppressionRoutes } from './suppressions/suppression-routes.ts'
import { discardUndecodableRoute } from './undecodable/discard-undecodable.route.ts'
import { listUndecodableRoute } from './undecodable/list-undecodable.route.ts'
import { readUndecodableRoute } from './undecodable/read-undecodable.route.ts'
import { usageRoutes } from './usage/usage-routes.ts'
import { userRoutes } from './users/user-routes.ts'
import { webhookRoutes } from './webhooks/webhook-routes.ts'

/** Evolution's events carry whole messages. */
const EVENT_BODY = { bytesMax: 1024 * 1024 }

/** Everything the API answers to. */
export function createRoutes(parts: Parts): RouteTable {
  const { version, instances, messages, deadLetters, undecodable, events } = buildUseCases(parts)
  const body = jsonBody({ bytesMax: 64 * 1024 })
  const messageBody = jsonBody({ bytesMax: 64 * 1024, hint: ' Larger files go through POST /v1/media.' })
  const traced = traceRequests(parts.traces)
  return {
    // First, for routes are tried in order: sending is called by the thousand.
    '/v1/messages': { post: [messageBody, traced(sendMessageRoute(messages))], get: [listMessagesRoute(messages)] },
    ...batchRoutes({ ...messages, traced }),
    ...campaignRoutes({ ...parts, ...messages }),
    '/': { get: [homeRoute({ version })] },
    ...errorPageRoutes(),
    ...openApiRoutes(),
    ...userRoutes(parts),
    ...meRoutes(parts),
    ...apiKeyRoutes(parts),
    ...auditRoutes(parts),
    ...evolutionServerRoutes(parts),
    ...instanceRoutes(instances),
    ...numberRoutes(parts, instances),
    ...webhookRoutes(parts),
    ...mediaRoutes(parts),
    ...followingRoutes({ ...parts, ...messages }),
    '/v1/messages/cancel': { post: [body, cancelMessagesRoute(messages)] },
    '/v1/messages/:id': { get: [readMessageRoute(messages)], patch: [body, rescheduleMessageRoute(messages)] },
    '/v1/messages/:id/cancel': { post: [cancelMessageRoute(messages)] },
    ...personRoutes({ ...parts, recipient: messages.recipient }),
    ...usageRoutes(parts),
    ...administrationRoutes(parts),
    ...suppressionRoutes({ ...parts, ...messages }),
    '/v1/dead-letters': { get: [listDeadLettersRoute(deadLetters)] },
    '/v1/dead-letters/replay': { post: [body, replayDeadLettersRoute(deadLetters)] },
    '/v1/dead-letters/discard': { post: [body, discardDeadLettersRoute(deadLetters)] },
    '/v1/dead-letters/:id': { get: [readDeadLetterRoute(deadLetters)] },
    '/v1/dead-letters/:id/replay': { post: [body, replayDeadLetterRoute(deadLetters)] },
    '/v1/dead-letters/:id/discard': { post: [discardDeadLetterRoute(deadLetters)] },
    ...bulkOperationRoutes(parts),
    '/v1/undecodable': { get: [listUndecodableRoute(undecodable)] },
    '/v1/undecodable/:id': { get: [readUndecodableRoute(undecodable)], delete: [discardUndecodableRoute(undecodable)] },
    '/v1/evolution/events': { post: [authenticateEventRoute(events), jsonBody(EVENT_BODY), receiveEventRoute(events)] },
    '/whatsappsender/message': { post: [body, traced(legacyMessageRoute(messages))] },
    '/whatsappsender/login': { post: [body, legacyLoginRoute(instances)] },
  }
}

function buildUseCases(parts: Parts) {
  const { config, events, store, directory, evolution } = parts
  const { defaultCountry } = config.messages
  const { instanceDefaults: defaults } = config
  const { webhookUrl } = config.evolution
  const { audit } = parts
  const { authenticate } = parts.access
  const recipient = createRecipientSchema(defaultCountry)
  const phoneNumber = numbersOnly(recipient)
  const lookup = createInstanceLookup(directory)
  const secrets = createWebhookSecrets(config.secretKeys)
  const readConditions = createReadConditions({
    evolutionDown: store.processes.evolutionDown,
    findPaceFacts: store.paceAccounts.find,
  })
  const making = {
    evolution,
    instances: store.instances,
    tokenOf: createInstanceTokens(config.secretKeys.newest),
    secrets,
    webhookUrl,
    refreshDirectory: directory.refresh,
    onCreated: events.instanceCreated,
    onLeftBehind: events.instanceLeftBehind,
    onRemoved: events.instanceRemoved,
  }
  const accepting = {
    instances: lookup,
    ledger: store.ledger,
    refuseNew: createRefuseNew({ isSuppressed: parts.suppressions.has }),
    eventFeedDefault: config.messages.eventFeedDefault,
  }
  const files = {
    findAddressFault: createFindAddressFault(config.privateNetworks),
    storedFiles: createStoredFiles({ keep: store.media.keep, ttlMs: config.media.ttlMs }),
  }
  const orderBulk = createOrderBulkOperation({
    once: parts.once,
    order: store.bulkOperations.order,
    onOrdered: parts.bulkWorker.look,
  })
  const { readSurroundings, readSurroundingsOfAll } = createReadSurroundings({
    directory,
    readConditions,
    defaultPace: defaults.pace,
    hasRowAhead: store.ledger.hasRowAhead,
    findContacts: store.contacts.findAll,
  })
  return {
    version: parts.version,
    instances: {
      authenticate,
      audit,
      once: parts.once,
      phoneNumber,
      instances: lookup,
      defaults,
      readConditions,
      createInstance: createCreateInstance(making),
      adoptInstance: createAdoptInstance(making),
      chooseServer: createChooseEvolutionServer({ servers: parts.evolutionServers, knows: evolution.knows }),
      findUserByEmail: store.users.findByEmail,
      findUserById: store.users.findById,
      connectInstance: createConnectInstance({ evolution, instances: store.instances }),
      readLiveState: createReadLiveState({ evolution, instances: store.instances }),
      knownUsers: parts.access.knownUsers,
      listInstances: store.instances.listOf,
      listManaged: store.instances.listManaged,
      configureInstance: store.instances.configure,
      setEvolutionToken: store.instances.setEvolutionToken,
      refreshDirectory: directory.refresh,
      streams: parts.streams,
      streamLimits: parts.streamLimits,
      parts: making,
    },
    messages: {
      authenticate,
      recipient,
      directory,
      ...accepting,
      sendMessage: createSendMessage({ ...accepting, publish: createMessagePublisher(parts.messages, parts.traces) }),
      checkMessage: createCheckMessage(accepting),
      ...files,
      refuseFiles: createRefuseFiles({
        ...files,
        keepInline: createKeepInline({ takeFile: createFileTaking(parts), findMedia: store.media.find }),
      }),
      onResult: events.messageJudged,
      publishAll: createMessagesPublisher(parts.messages, parts.traces),
      onBatch: events.batchJudged,
      listMessages: store.ledger.listMessages,
      cancelMatching: store.ledger.cancelMatching,
      orderBulk,
      findMessage: createFindMessage({ ledger: store.ledger }),
      readSurroundings,
      readSurroundingsOfAll,
      cancelMessage: store.ledger.cancel,
      rescheduleMessage: store.ledger.reschedule,
    },
    deadLetters: {
      authenticate,
      audit,
      recipient,
      readSurroundings,
      listDeadLetters: store.ledger.listDeadLetters,
      findDeadLetter: store.ledger.findDeadLetter,
      replay: store.ledger.replay,
      replayMatching: store.ledger.replayMatching,
      discard: store.ledger.discard,
      discardMatching: store.ledger.discardMatching,
      orderBulk,
    },
    undecodable: {
      authenticate,
      audit,
      listUndecodable: store.undecodable.list,
      findUndecodable: store.undecodable.find,
      removeUndecodable: store.undecodable.remove,
    },
    events: {
      secrets,
      findInstance: lookup.byId,
      publish: createEvolutionEventPublisher(parts.evolutionEvents),
      keepSecretHash: store.instances.keepWebhookSecretHash,
      onHashNotKept: events.secretHashNotKept,
      onEvent: events.evolutionEventReceived,
    },
  }
}
