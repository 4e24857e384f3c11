// `sallyport associates check` and `report`: the register of agreements. Check is for a daily job: it says what needs somebody, by its exit code too.
import type { AssociateReport, DestinationReport, RegisterReport } from '../operations/check-associates.ts'
import type { Command } from './command.ts'
import { plain, type Output } from './output.ts'
import { askingOptions } from './question-options.ts'
import { defaultConfigFile } from './serve.ts'

const configOption = { config: askingOptions['config'] as NonNullable<typeof askingOptions['config']> }

const days = (count: number) => count === 1 ? '1 day' : `${count} days`

/** What needs somebody; undefined when nothing does. `isFault`: it does not work as the register says. */
function complain ({ vendor, state, expires, signed, daysLeft, document, contact }: AssociateReport): readonly { readonly isFault: boolean, readonly text: string }[] {
  const found: { isFault: boolean, text: string }[] = []
  if (state === 'expired') found.push({ isFault: true, text: `The agreement with ${vendor} ended on ${expires}: nothing that identifies a person and no free text goes there. Renew it (${contact}), and write the new day into associates.` })
  if (state === 'expiring') found.push({ isFault: false, text: `The agreement with ${vendor} ends in ${days(daysLeft)}, on ${expires}: renew it (${contact}).` })
  if (state === 'notBegun') found.push({ isFault: true, text: `The agreement with ${vendor} begins on ${signed}: until then it counts as none.` })
  if (document === 'changed') found.push({ isFault: true, text: `The document of ${vendor} is not the one that was signed: its SHA-256 differs from documentSha256.` })
  if (document === 'unreadable') found.push({ isFault: true, text: `The document of ${vendor} cannot be read: check documentFile.` })
  return found
}

function complainOf ({ name, takenOut, prose, associate }: DestinationReport): readonly string[] {
  const parts = [...(takenOut.length === 0 ? [] : [takenOut.join(', ')]), ...(prose === 'takenOut' ? ['free text'] : [])]
  if (parts.length === 0) return []
  return [`The policy of ${name} would let ${parts.join(' and ')} pass, and ${associate === undefined ? 'no agreement is in force' : `the agreement with ${associate} does not cover it`}: it is taken out.`]
}

async function load (options: ReadonlyMap<string, string>): Promise<RegisterReport> {
  const { reportRegister } = await import('../operations/check-associates.ts')
  return await reportRegister(options.get('config') ?? defaultConfigFile)
}

export const associatesCheck: Command = {
  name: 'associates check',
  positionals: [],
  options: configOption,
  summary: 'Says which agreements end within 60 days or have ended, whose document changed, and what is taken out for want of one. Exit code 1 when one is not in force or its document differs.',
  async run ({ options }, output) {
    const { associates, destinations } = await load(options)
    const found = associates.flatMap(complain)
    for (const { text } of found) output.line(plain(text))
    for (const text of destinations.flatMap(complainOf)) output.line(plain(text))
    if (found.length === 0) output.line(associates.length === 0 ? 'No agreement is registered.' : `ok  ${associates.length === 1 ? '1 agreement is' : `${associates.length} agreements are`} in force for more than 60 days.`)
    return found.some(({ isFault }) => isFault) ? 1 : 0
  },
}

const list = (words: readonly string[]) => words.length === 0 ? 'none' : words.join(', ')

function printReport ({ associates, destinations }: RegisterReport, output: Output): void {
  for (const one of associates) {
    output.line(plain(`${one.vendor} (${one.name}): ${one.scope}`))
    output.line(plain(`  in force      ${one.signed} to ${one.expires}${one.state === 'expired' ? ', HAS ENDED' : one.state === 'notBegun' ? ', HAS NOT BEGUN' : `, ${days(one.daysLeft)} left`}`))
    output.line(plain(`  document      ${{ same: 'the one that was signed', changed: 'NOT THE ONE THAT WAS SIGNED', unreadable: 'CANNOT BE READ', notGiven: 'known by its digest' }[one.document]}`))
    output.line(plain(`  contact       ${one.contact}`))
    output.line(plain(`  destinations  ${list(one.destinations)}`))
    output.line(plain(`  may receive   ${list(one.kinds)}`))
  }
  for (const { name, origin, associate, passed, takenOut, prose } of destinations) {
    output.line(plain(`Destination ${name} (${origin}), ${associate === undefined ? 'no agreement in force' : `agreement ${associate}`}`))
    output.line(plain(`  passes        ${list(passed)}; free text: ${{ none: 'none', passes: 'without what is found in it', takenOut: 'taken out' }[prose]}`))
    output.line(plain(`  taken out     ${takenOut.length === 0 ? 'whatever the policy does not let pass' : `also ${list(takenOut)}, for want of an agreement`}`))
  }
  if (associates.length + destinations.length === 0) output.line('No agreement and no destination is registered.')
}

export const associatesReport: Command = {
  name: 'associates report',
  positionals: [],
  options: { json: { help: 'One JSON object; also when the output goes to a program.' }, ...configOption },
  summary: 'Prints the register: agreements, how long they are in force, and what reaches which destination.',
  async run ({ options }, output) {
    const report = await load(options)
    if (output.columns === undefined || options.has('json')) output.line(JSON.stringify(report))
    else printReport(report, output)
    return 0
  },
}
