// `sallyport audit disclosures`: the accounting that a patient may ask for (45 CFR 164.528).
import type { DisclosureRow } from '../operations/ask-trail.ts'
import { createSystemClock } from '../shared/clock.ts'
import { printRemarks } from './answer-remarks.ts'
import { describeRange } from './audit-patient.ts'
import { UsageError, type Command } from './command.ts'
import { formatMoment } from './format-table.ts'
import { plain } from './output.ts'
import { askingOptions, rangeOptions, readAsked, type Asked } from './question-options.ts'

const notSaid = '(not said)'

function formatRow (row: DisclosureRow, { zone }: Asked): readonly string[] {
  const recipient = `${row.recipient === '' ? notSaid : row.recipient}${row.recipientAddress === '' ? '' : `, ${row.recipientAddress}`}`
  return [
    '',
    `  Date         ${formatMoment(Date.parse(row.date), zone)}`,
    `  Recipient    ${recipient}`,
    `  Description  ${row.description === '' ? notSaid : row.description}`,
    `  Purpose      ${row.purpose === '' ? notSaid : row.purpose}`,
  ].map(plain)
}

export const auditDisclosures: Command = {
  name: 'audit disclosures',
  positionals: [],
  options: { patient: { value: 'ID', help: 'The patient.', isNeeded: true }, ...rangeOptions, json: { help: 'JSON Lines; also when the output goes to a program.' }, ...askingOptions },
  summary: 'Lists what was sent out about one patient: date, recipient, description, purpose (45 CFR 164.528). Without --from: six years.',
  async run ({ options }, output) {
    const patient = options.get('patient')
    if (patient === undefined) throw new UsageError('audit disclosures needs --patient ID.')
    const { askTrail, kindWords, outcomeWords, toDisclosure } = await import('../operations/ask-trail.ts')
    const now = createSystemClock().now()
    const given = new Map(options)
    given.delete('patient')
    // 45 CFR 164.528(a)(1): the six years before the request.
    if (!given.has('from')) given.set('from', '2192d')
    const asked = readAsked(given, { kinds: kindWords, outcomes: outcomeWords, now })
    const rows: DisclosureRow[] = []
    const told = await askTrail({ ...asked, query: { ...asked.query, patient, kind: 'message.released' }, name: 'audit.disclosures', onProgress: output.progress }, found => {
      const row = toDisclosure(found)
      if (row !== undefined) rows.push(row)
    })
    output.progress(undefined)
    if (output.columns === undefined || options.has('json')) for (const row of rows) output.line(JSON.stringify(row))
    else {
      output.line(plain(`Disclosures about patient ${patient}, ${describeRange(asked)}. Times are ${asked.zone.name}.`))
      for (const row of rows) for (const line of formatRow(row, asked)) output.line(line)
      output.line(`${rows.length === 0 ? 'None is' : rows.length === 1 ? '\n1 disclosure is' : `\n${rows.length} disclosures are`} on record. What left the CRM without passing the gateway is not.`)
    }
    return printRemarks(told, output)
  },
}
