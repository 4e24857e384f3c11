// How many requests within a minute are too many.
import { Optional, Section, Type, type Static } from '../../shared/schema.ts'

const Count = (description: string) => Optional(Type.Integer({ minimum: 1, description }))
const PerClass = (description: string) => Optional(Section({
  read: Count('Requests that read (GET, HEAD and the like). Without it: no limit.'),
  write: Count('Requests that change something. Without it: no limit.'),
  socket: Count('WebSockets that are opened. Without it: no limit.'),
}, { description }))

export const RatesConfig = Section({
  address: PerClass('From one client address, whoever it is: many people can be behind one.'),
  person: PerClass('Of one signed-in person, from wherever.'),
}, { description: 'Requests for the CRM within a minute; beyond them 429 with Retry-After. Counted by all gateways together when sessions are in Redis. Without this section nobody is counted.' })
export type RatesConfig = Static<typeof RatesConfig>
