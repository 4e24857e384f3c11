// The gateway with its gate taken out: everything is done as always, and nothing is recorded. For the bench alone; the product has no such switch.
import { loadConfig } from '../../src/config/config.ts'
import { createGateway } from '../../src/gateway.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import { createLogger } from '../../src/shared/log.ts'
import { letYoungGrow } from '../../src/shared/young-memory.ts'

const { config, digest } = await loadConfig(process.argv[2] ?? '')
const gateway = await createGateway(config, { clock: createSystemClock(), log: createLogger({ level: config.operations.logLevel, name: config.gateway.name }), configDigest: digest, version: '0.0.0-ungated' })
Object.assign(gateway.rooms.audit, { record: () => Promise.resolve(), note: () => undefined })
await gateway.listen()
letYoungGrow()
process.on('SIGTERM', () => { void gateway.close().then(() => { process.exit(0) }) })
