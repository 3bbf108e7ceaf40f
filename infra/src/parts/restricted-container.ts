/**
 * What a container of another operator is asked to keep to, so that it is let in where Pod Security is restricted. On the
 * container, since the user and the groups of a pod are for that operator to know.
 */
export const RESTRICTED_CONTAINER = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
} as const
