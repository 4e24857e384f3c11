// The metrics of several workers as one text for Prometheus: each sample with its worker, each family named once.

export const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

interface Family { readonly head: string[], readonly samples: string[] }

/** `text`: what a worker's own /metrics says; empty when it does not answer. */
export function mergeMetrics (texts: ReadonlyArray<{ readonly worker: number, readonly text: string }>): string {
  const families = new Map<string, Family>()
  for (const { worker, text } of texts) {
    let family: Family | undefined
    for (const line of text.split('\n')) {
      const named = /^# (HELP|TYPE) (\S+)/.exec(line)
      if (named !== null) {
        const name = named[2] as string
        family = families.get(name) ?? { head: [], samples: [] }
        families.set(name, family)
        if (!family.head.some(each => each.startsWith(`# ${named[1]} `))) family.head.push(line)
      } else if (line !== '') family?.samples.push(addWorker(line, worker))
    }
  }
  const answering = texts.filter(({ text }) => text !== '').length
  const own = ['# HELP sallyport_workers_answering Workers that answer.', '# TYPE sallyport_workers_answering gauge', `sallyport_workers_answering ${answering}`]
  return `${[...[...families.values()].flatMap(({ head, samples }) => [...head, ...samples]), ...own].join('\n')}\n`
}

/** `name{a="b"} 1` and `name 1`. */
function addWorker (line: string, worker: number): string {
  const label = `worker="${worker}"`
  const brace = line.indexOf('{')
  const blank = line.indexOf(' ')
  return brace >= 0 && brace < blank ? `${line.slice(0, brace + 1)}${label},${line.slice(brace + 1)}` : `${line.slice(0, blank)}{${label}}${line.slice(blank)}`
}
