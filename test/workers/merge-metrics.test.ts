import t from 'tap'
import { mergeMetrics } from '../../src/workers/merge-metrics.ts'

t.test('each family once, each sample with its worker, and how many answer', async t => {
  const text = (value: number) => `# HELP a_total What a is.\n# TYPE a_total counter\na_total{reason="x{y} z"} ${value}\n\n# HELP b What b is.\n# TYPE b gauge\nb ${value}\n`
  t.equal(mergeMetrics([{ worker: 1, text: text(3) }, { worker: 2, text: '' }, { worker: 3, text: text(5) }]), [
    '# HELP a_total What a is.', '# TYPE a_total counter', 'a_total{worker="1",reason="x{y} z"} 3', 'a_total{worker="3",reason="x{y} z"} 5',
    '# HELP b What b is.', '# TYPE b gauge', 'b{worker="1"} 3', 'b{worker="3"} 5',
    '# HELP sallyport_workers_answering Workers that answer.', '# TYPE sallyport_workers_answering gauge', 'sallyport_workers_answering 2', '',
  ].join('\n'))
})
