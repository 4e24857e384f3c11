// A summary for people who read paper: what was asked, how much there is by day, kind, person and reason, and whether anything is damaged. One file without
// script or outside request.
import type { AuditEvent } from '../event.ts'
import type { Found, Summary } from '../questions/answer.ts'
import { outcomeOf } from '../questions/query.ts'
import { wholeEvent } from '../questions/row.ts'
import { isEnding } from '../open-exchanges.ts'
import { drawBars, escapeHtml, type Bar } from './bar-chart.ts'
import type { ExportContext, ExportFormat } from './format.ts'

const style = `
:root { color-scheme: light; font: 15px/1.45 system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif; color: #1b2430; }
body { margin: 2rem auto; max-width: 52rem; padding: 0 1.5rem; background: #fff; }
h1 { font-size: 1.6rem; margin: 0 0 .2rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .6rem; border-bottom: 1px solid #c8d0da; padding-bottom: .2rem; }
.note { color: #4a5666; font-size: .85rem; }
p.lead { margin: 0 0 1.2rem; color: #4a5666; }
.figures { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1rem 0; }
.figures div { flex: 1 1 8rem; border: 1px solid #c8d0da; border-radius: .4rem; padding: .6rem .8rem; }
.figures b { display: block; font-size: 1.5rem; } .figures span { color: #4a5666; font-size: .85rem; }
.figures .alarm { border-color: #a3262a; color: #a3262a; } .figures .alarm span { color: inherit; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; } th, td { text-align: left; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid #e3e8ee; vertical-align: top; overflow-wrap: anywhere; }
svg { display: block; font-size: 13px; } svg text { fill: #1b2430; } .bar { fill: #2f6f9f; } .marked { fill: #a3262a; }
code { font-size: .8rem; overflow-wrap: anywhere; }
footer { margin-top: 2rem; color: #4a5666; font-size: .85rem; }
@media print { body { margin: 0; max-width: none; padding: 0; } h2 { break-after: avoid; } section, tr, svg { break-inside: avoid; } @page { size: A4; margin: 18mm 16mm; } * { print-color-adjust: exact; } }
`

class Counts {
  readonly #bars = new Map<string, { value: number, marked: number }>()

  add (label: string, isRefused: boolean, by = 1): void {
    const bar = this.#bars.get(label) ?? { value: 0, marked: 0 }
    bar.value += by
    if (isRefused) bar.marked += by
    this.#bars.set(label, bar)
  }

  all (): readonly Bar[] {
    return [...this.#bars].map(([label, bar]) => ({ label, ...bar }))
  }

  /** The largest ones, and the rest as one. */
  largest (count: number): readonly Bar[] {
    const sorted = [...this.all()].sort((a, b) => b.value - a.value)
    const rest = sorted.slice(count)
    if (rest.length === 0) return sorted
    return [...sorted.slice(0, count), { label: `${rest.length} others`, value: rest.reduce((sum, bar) => sum + bar.value, 0), marked: rest.reduce((sum, bar) => sum + (bar.marked ?? 0), 0) }]
  }
}

const mostDays = 62

/** Days, or months when there are many days. */
function byTime (days: Counts): readonly Bar[] {
  const bars = [...days.all()].sort((a, b) => a.label < b.label ? -1 : 1)
  if (bars.length <= mostDays) return bars
  const months = new Counts()
  for (const { label, value, marked = 0 } of bars) {
    months.add(label.slice(0, 7), false, value - marked)
    if (marked > 0) months.add(label.slice(0, 7), true, marked)
  }
  return months.all()
}

const figure = (value: number, label: string, isAlarm = false) => `<div${isAlarm ? ' class="alarm"' : ''}><b>${value}</b><span>${label}</span></div>`
const row = (name: string, value: string) => `<tr><th>${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`
const section = (title: string, bars: readonly Bar[]) => `<section><h2>${title}</h2>${bars.length === 0 ? '<p>None.</p>' : drawBars(title, bars)}</section>`

function describeRange ({ from, to }: ExportContext): string {
  return `${from === undefined ? 'From the beginning of the trail' : `From ${new Date(from).toISOString()}`} to ${new Date(to).toISOString()}`
}

function describeDamage ({ damaged, damage }: Summary): string {
  if (damaged === 0) return '<p>No damage was found. Records that cannot concern the question were checked in the chain and not opened; <code>sallyport audit verify</code> opens all.</p>'
  const rows = damage.map(({ source, writer, epoch, seq, problems }) => `<tr><td>${escapeHtml(source)}</td><td><code>${escapeHtml(writer)}</code></td><td>${epoch}</td><td>${seq}</td><td>${problems.join(', ')}</td></tr>`)
  return `<p><strong>${damaged} damaged. Each could belong to this export.</strong></p><table><tr><th>where</th><th>writer</th><th>epoch</th><th>record</th><th>what is wrong</th></tr>${rows.join('')}</table>`
}

/** Of what is no access to a record: `operation audit.query`. */
function describeKind ({ kind, facts }: AuditEvent): string {
  return kind === 'operation.run' ? `operation ${String(facts?.['operation'] ?? '')}` : kind
}

export function createHtmlSummary (context: ExportContext): ExportFormat {
  const [days, kinds, people, reasons] = [new Counts(), new Counts(), new Counts(), new Counts()]
  let [accesses, refused, records] = [0, 0, 0]
  return {
    file: 'summary.html',
    begin: () => '',
    add (found: Found) {
      const event = wholeEvent(found)
      records += 1
      if (isEnding(event.kind)) return '' // counted where it began
      const by = event.count ?? 1
      const isRefused = outcomeOf(event) === 'refused'
      if (isRefused) refused += by
      else if (event.kind === 'request.admitted') accesses += by
      // What the gateway says of itself is nobody's doing.
      if (event.kind.startsWith('gateway.')) return ''
      days.add(new Date(event.time).toISOString().slice(0, 10), isRefused, by)
      kinds.add(event.what?.kind ?? describeKind(event), isRefused, by)
      const isPersons = /^(?:request|connection|session)\./.test(event.kind)
      if (event.who !== undefined || isPersons) people.add(event.who === undefined ? 'not signed in' : event.who.name ?? event.who.id, isRefused, by)
      if (isRefused) reasons.add(event.decision?.reason ?? event.outcome?.reason ?? 'not said', true, by)
      return ''
    },
    end: summary => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Audit trail of ${escapeHtml(context.gateway)}</title><style>${style}</style></head><body>
<h1>Audit trail of ${escapeHtml(context.gateway)}</h1><p class="lead">${escapeHtml(describeRange(context))}. Times are UTC.</p>
<div class="figures">${figure(records, 'records')}${figure(accesses, 'requests let in')}${figure(refused, 'refused', refused > 0)}${figure(summary.damaged, 'damaged records', summary.damaged > 0)}</div>
<table>${row('Asked by', context.by)}${row('Reason', context.reason)}${Object.entries(context.filters).map(([name, value]) => row(name, value)).join('')}${row('Made', new Date(context.time).toISOString())}</table>
${section('By time', byTime(days))}
<p class="note">Counted are requests, connections, sessions, messages and operations, each once, where it began; the gateway's own starts and stops are among the records only.</p>
${section('By kind', kinds.largest(14))}
${section('By person', people.largest(15))}
${section('Refused, by reason', reasons.largest(12))}
<section><h2>Is it whole?</h2>${describeDamage(summary)}${summary.shredded === 0 ? '' : `<p>${summary.shredded} shredded on purpose: their content is gone, their place in the chain is kept.</p>`}
<table><tr><th>writer</th><th>epoch</th><th>last record</th><th>hash of the chain there</th></tr>${summary.heads.map(({ writer, epoch, seq, hash }) => `<tr><td><code>${escapeHtml(writer)}</code></td><td>${epoch}</td><td>${seq}</td><td><code>${escapeHtml(hash)}</code></td></tr>`).join('')}</table></section>
<footer>This page holds patient data. What it was made from is in the files beside it, whose digests are in manifest.json; HOW-TO-VERIFY.md says how to check them.</footer>
</body></html>
`,
  }
}
