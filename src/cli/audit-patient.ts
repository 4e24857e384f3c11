// `sallyport audit patient ID`: the story of one patient, in words.
import type { Found } from '../operations/ask-trail.ts'
import { createSystemClock } from '../shared/clock.ts'
import { printRemarks } from './answer-remarks.ts'
import type { Command } from './command.ts'
import { formatStory } from './format-story.ts'
import { formatMoment } from './format-table.ts'
import { askingOptions, rangeOptions, readAsked, type Asked } from './question-options.ts'

export function describeRange ({ query: { from, to = 0 }, zone }: Asked): string {
  return `${from === undefined ? 'from the beginning of the trail' : `from ${formatMoment(from, zone)}`} to ${formatMoment(to, zone)}`
}

export const auditPatient: Command = {
  name: 'audit patient',
  positionals: ['ID'],
  options: { ...rangeOptions, json: { help: 'The story as one JSON document.' }, ...askingOptions },
  summary: 'Tells the story of one patient: who saw, changed or was refused what, when and from where, and what was sent out.',
  async run ({ options, positionals: [patient = ''] }, output) {
    const { askTrail, kindWords, outcomeWords, tellStory } = await import('../operations/ask-trail.ts')
    const asked = readAsked(options, { kinds: kindWords, outcomes: outcomeWords, now: createSystemClock().now() })
    const all: Found[] = []
    const told = await askTrail({ ...asked, query: { ...asked.query, patient }, name: 'audit.patient', onProgress: output.progress }, found => { all.push(found) })
    output.progress(undefined)
    const story = tellStory(patient, all, asked.zone.dayOf)
    if (options.has('json')) output.line(JSON.stringify(story))
    else for (const line of formatStory(story, { zone: asked.zone, range: describeRange(asked), isClassified: told.isClassified })) output.line(line)
    return printRemarks(told, output)
  },
}
