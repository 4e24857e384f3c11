// `npm run bench`: the gateway with every control on beside the proxies that others would take, in interleaved rounds on two cores.
// `npm run bench -- audit`: the trail by itself. `npm run bench -- insertion`: what the idle script costs. `npm run bench -- redaction`: the redaction engine beside what npm has.
// `npm run bench -- mail`: the redaction of mails. `npm run bench -- outbound`: the queue of messages. `npm run bench -- start`: a start and the memory at rest.
import { parseArgs } from 'node:util'
import { benchAudit } from './audit/bench-audit.ts'
import { benchOutbound } from './outbound/bench-outbound.ts'
import { benchMail } from './redaction/bench-mail.ts'
import { benchRedaction } from './redaction/bench-redaction.ts'
import { benchGateway, partNames, type PartName } from './bench-gateway.ts'
import { benchInsertion } from './insertion.ts'
import { endOnSignals } from './processes.ts'
import { benchStart } from './start.ts'

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scale: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '2' },
    /** Some of the parts, by commas. */
    parts: { type: 'string', default: partNames.join(',') },
  },
})

function readParts (text: string): readonly PartName[] {
  const isPart = (name: string): name is PartName => (partNames as readonly string[]).includes(name)
  const asked = text.split(',')
  const unknown = asked.find(name => !isPart(name))
  if (unknown !== undefined) throw new Error(`${unknown} is no part of the bench: ${partNames.join(', ')}`)
  return asked.filter(isPart)
}

endOnSignals()
const common = { isJson: flags.json, scale: Number(flags.scale) }
if (positionals[0] === 'audit') await benchAudit(common)
else if (positionals[0] === 'redaction') await benchRedaction(common)
else if (positionals[0] === 'mail') benchMail(common)
else if (positionals[0] === 'insertion') await benchInsertion({ isJson: flags.json, rounds: Number(flags.rounds), seconds: Number(flags.seconds) })
else if (positionals[0] === 'start') await benchStart({ isJson: flags.json, rounds: Number(flags.rounds) })
else if (positionals[0] === 'outbound') await benchOutbound(common)
else await benchGateway({ ...common, rounds: Number(flags.rounds), seconds: Number(flags.seconds), parts: readParts(flags.parts) })
