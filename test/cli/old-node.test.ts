// An old Node.js gets one sentence, not the syntax error of the first file with types.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'

const program = join(import.meta.dirname, '..', '..', 'bin', 'sallyport.js')

function startWith (version: string) {
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`
  return spawnSync(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, program, '--version'], { encoding: 'utf8' })
}

for (const version of ['18.20.8', '22.21.0', '23.11.1', '8.17.0']) {
  t.test(`Node.js ${version}`, t => {
    const { status, stdout, stderr } = startWith(version)
    t.equal(status, 1)
    t.equal(stdout, '')
    t.equal(stderr.split('\n').filter(line => line !== '').length, 1, stderr)
    t.match(stderr, new RegExp(`needs Node\\.js 24 or newer, this is ${version.replaceAll('.', '\\.')}: install`))
    t.end()
  })
}

t.test('Node.js 24.0.0 and later start', t => {
  for (const version of ['24.0.0', '26.1.0', '100.0.0']) {
    const { status, stderr } = startWith(version)
    t.same([status, stderr], [0, ''], version)
  }
  t.end()
})
