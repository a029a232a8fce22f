/** Who can be played in the console. Their ids outlive a restart: the plans in the state folder name them. */
export type Person = {
  readonly id: string
  readonly name: string
  readonly handle: string
  readonly part: string
}

export const cast = [
  { id: 'U0MAYACHEN', name: 'Maya Chen', handle: 'maya', part: 'on call, may ask' },
  { id: 'U0JONASWEB', name: 'Jonas Weber', handle: 'jonas', part: 'may ask and approve' },
  { id: 'U0PRIYARAO', name: 'Priya Rao', handle: 'priya', part: 'may approve' },
  { id: 'U0SAMSTONE', name: 'Sam Stone', handle: 'sam', part: 'in no plan' },
] as const satisfies readonly Person[]

const [maya, jonas, priya] = cast
/** Jonas may ask too, so that approving one's own request can be tried. */
export const parts = {
  requesters: [maya.id, jonas.id],
  approvers: [jonas.id, priya.id],
  breakGlass: [maya.id],
} as const

export const app = {
  appId: 'A0UNDERSTDY',
  botId: 'B0UNDERSTDY',
  botUserId: 'U0UNDERSTDY',
  name: 'Understudy',
  scopes: ['commands', 'chat:write', 'channels:history', 'groups:history', 'files:read', 'users:read'],
} as const

/** Made by the fake at every start, under these ids. */
export const workspace = { teamId: 'T000000001', domain: 'example', channel: 'C000000001' } as const
export const channelName = 'incidents'
