// Each attack that somebody with write access to the store can try, and that its verification names it rightly and is never "intact".
import { cpSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { createCheckpointSigner, createAuditTrail, deriveAuditKeys, nameCheckpoint, type DamageClass, type Verdict } from '../../../src/audit/audit.ts'
import { createSystemClock } from '../../../src/shared/clock.ts'
import { admitted, completed, createConfig, createTestLog, gateway } from '../../support/audit.ts'
import { checkpointsOf, copyTrail, createRoot, editLines, segmentsOf, spoolOf, verify, writeVerifiedTrail } from '../../support/verified-trail.ts'

const trail = await writeVerifiedTrail(t)
const { config } = trail
const epochsOf = (root: string) => [...new Set(segmentsOf(root).map(file => basename(file).slice(0, 12)))]
const ofEpoch = (root: string, epoch: string) => segmentsOf(root).filter(file => basename(file).startsWith(epoch))

interface Attack {
  readonly name: string
  readonly class: DamageClass
  readonly verdict: Verdict
  act (root: string): void | Promise<void>
}

const attacks: readonly Attack[] = [{
  name: 'a clear field is changed',
  class: 'edit',
  verdict: 'tampered',
  act: root => { editLines(segmentsOf(root)[1] as string, lines => lines.with(1, (lines[1] as string).replace(/"t":\d/, '"t":9'))) },
}, {
  name: 'a sealed part is changed',
  class: 'edit',
  verdict: 'tampered',
  act: root => { editLines(segmentsOf(root)[1] as string, lines => lines.with(1, (lines[1] as string).replace(/"seal":"(.)/, (_all, first: string) => `"seal":"${first === 'A' ? 'B' : 'A'}`))) },
}, {
  name: 'the content of a record is taken away',
  class: 'edit',
  verdict: 'tampered',
  act: root => { editLines(segmentsOf(root)[1] as string, lines => lines.with(1, (lines[1] as string).replace(/"seal":"[^"]+"/, '"seal":""'))) },
}, {
  name: 'a record becomes another line',
  class: 'edit',
  verdict: 'tampered',
  act: root => { editLines(segmentsOf(root)[1] as string, lines => lines.with(1, 'nothing happened here')) },
}, {
  name: 'a segment\'s header is changed',
  class: 'edit',
  verdict: 'tampered',
  act: root => { editLines(segmentsOf(root)[1] as string, lines => lines.with(0, (lines[0] as string).replace(/"open":"./, '"open":"~'))) },
}, {
  name: 'one record is deleted',
  class: 'gap',
  verdict: 'incomplete',
  act: root => { editLines(segmentsOf(root)[0] as string, lines => lines.toSpliced(1, 1)) },
}, {
  name: 'a whole segment is deleted',
  class: 'gap',
  verdict: 'incomplete',
  act: root => { rmSync(ofEpoch(root, epochsOf(root)[1] as string)[1] as string) },
}, {
  name: 'a record is there twice',
  class: 'edit',
  verdict: 'tampered',
  act: root => { editLines(segmentsOf(root)[0] as string, lines => lines.toSpliced(2, 0, lines[1] as string)) },
}, {
  name: 'two records change places',
  class: 'reorder',
  verdict: 'tampered',
  act: root => { editLines(segmentsOf(root)[0] as string, lines => lines.toSpliced(1, 2, lines[2] as string, lines[1] as string)) },
}, {
  name: 'the head of an epoch is cut off',
  class: 'gap',
  verdict: 'incomplete',
  act: root => { rmSync(ofEpoch(root, epochsOf(root)[0] as string)[0] as string) },
}, {
  name: 'the first epoch is deleted',
  class: 'gap',
  verdict: 'incomplete',
  act: root => { for (const file of ofEpoch(root, epochsOf(root)[0] as string)) rmSync(file) },
}, {
  name: 'the first epoch and its checkpoint are deleted',
  class: 'gap',
  verdict: 'incomplete',
  act (root) {
    const [epoch] = epochsOf(root) as [string]
    for (const file of ofEpoch(root, epoch)) rmSync(file)
    for (const name of readdirSync(checkpointsOf(root))) if (name.includes(epoch)) rmSync(join(checkpointsOf(root), name))
  },
}, {
  name: 'the tail of the last epoch is cut below its checkpoint',
  class: 'truncation',
  verdict: 'incomplete',
  act: root => { editLines(segmentsOf(root).at(-1) as string, lines => lines.slice(0, -1)) },
}, {
  name: 'the tail of an epoch in the middle is cut',
  class: 'truncation',
  verdict: 'incomplete',
  act: root => { editLines(ofEpoch(root, epochsOf(root)[1] as string).at(-1) as string, lines => lines.slice(0, -1)) },
}, {
  name: 'a line is cut in the middle of the tail',
  class: 'truncation',
  verdict: 'incomplete',
  act (root) {
    const file = segmentsOf(root).at(-1) as string
    writeFileSync(file, readFileSync(file).subarray(0, -40))
  },
}, {
  name: 'the last epochs are deleted: an old copy stands in their place',
  class: 'replayed backup',
  verdict: 'incomplete',
  act: root => { for (const file of ofEpoch(root, epochsOf(root)[2] as string)) rmSync(file) },
}, {
  name: 'everything is deleted',
  class: 'replayed backup',
  verdict: 'incomplete',
  act: root => { for (const file of segmentsOf(root)) rmSync(file) },
}, {
  name: 'a segment of another epoch stands in the place of one',
  class: 'edit',
  verdict: 'tampered',
  act: root => { cpSync(ofEpoch(root, epochsOf(root)[0] as string)[1] as string, ofEpoch(root, epochsOf(root)[1] as string)[1] as string) },
}, {
  name: 'an epoch has the number of another',
  class: 'edit',
  verdict: 'tampered',
  act (root) {
    const [first, second] = epochsOf(root) as [string, string]
    for (const file of ofEpoch(root, second)) rmSync(file)
    for (const file of ofEpoch(root, first)) cpSync(file, join(spoolOf(root), basename(file).replace(first, second)))
  },
}, {
  name: 'segments sealed with a key of somebody else\'s stand in the place of an epoch',
  class: 'key outside epoch',
  verdict: 'tampered',
  async act (root) {
    const other = createConfig()
    await replaceEpochs(root, async directory => { await record(directory, { config: other, exchanges: 4 }) })
  },
}, {
  name: 'everything is written anew by somebody who has the key',
  class: 'fork',
  verdict: 'tampered',
  async act (root) {
    const writer = readFileSync(join(spoolOf(root), 'writer'), 'utf8').trim()
    const epochs = epochsOf(root)
    const files = segmentsOf(root)
    for (const file of files) rmSync(file)
    for (const epoch of epochs) {
      await record(spoolOf(root), { config, exchanges: 4, now: Number(epoch) * 1000, writer })
    }
  },
}, {
  name: 'a checkpoint is made by somebody who has not the key',
  class: 'bad signature',
  verdict: 'tampered',
  act (root) {
    const file = checkpointFiles(root).at(-1) as string
    const [, writer = '', epoch = ''] = /([A-Za-z0-9_-]+)-(\d{12})\.checkpoint$/.exec(file.replace(`${gateway}-`, '')) ?? []
    const keys = deriveAuditKeys(createConfig().key, gateway).of(Number(epoch))
    const note = createCheckpointSigner(keys.checkpointSeed, gateway).sign({ gateway, writer, epoch: Number(epoch), seq: 3, head: 'A'.repeat(43), time: Date.now(), keyId: keys.id, isLast: true })
    writeFileSync(file, note)
  },
}, {
  name: 'a checkpoint is edited',
  class: 'bad signature',
  verdict: 'tampered',
  act (root) {
    const file = checkpointFiles(root)[0] as string
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^(\d+)$/m, text => String(Number(text) - 1)))
  },
}, {
  name: 'records are added after the writer closed the epoch, with the key',
  class: 'fork',
  verdict: 'tampered',
  act (root) {
    const checkpoint = checkpointFiles(root).at(-1) as string
    const text = readFileSync(checkpoint, 'utf8')
    // What a shorter closed epoch would have been signed as: the same as adding a record to a closed one.
    const [, writer = '', epoch = ''] = /^sallyport\/[^/]+\/([^/]+)\/(\d+)$/m.exec(text) ?? []
    const keys = deriveAuditKeys(config.key, gateway).of(Number(epoch))
    const lines = ofEpoch(root, epoch.padStart(12, '0')).flatMap(file => readFileSync(file, 'latin1').split('\n').slice(1, -1))
    const last = JSON.parse(lines.at(-2) as string) as { n: number, hash: string }
    const place = { gateway, writer, epoch: Number(epoch) }
    const note = createCheckpointSigner(keys.checkpointSeed, gateway).sign({ ...place, seq: last.n, head: last.hash, time: Date.now(), keyId: keys.id, isLast: true })
    writeFileSync(join(checkpointsOf(root), nameCheckpoint(place)), note)
  },
}]

const checkpointFiles = (root: string) => readdirSync(checkpointsOf(root)).sort().map(name => join(checkpointsOf(root), name))

interface Forgery { readonly config: typeof config, readonly exchanges: number, readonly now?: number, readonly writer?: string }

async function record (directory: string, { config: own, exchanges, now, writer }: Forgery): Promise<void> {
  const clock = now === undefined ? createSystemClock() : { ...createSystemClock(), now: () => now }
  const forged = await createAuditTrail(own, { clock, log: createTestLog(), directory, gateway, ...(writer === undefined ? {} : { writer }) })
  for (let n = 0; n < exchanges; n += 1) {
    await forged.record(admitted(`forged-${n}`))
    forged.note(completed(`forged-${n}`))
    await forged.flush({ timeoutMs: 5000, ship: false })
  }
  await forged.close()
}

/** Puts the segments that `write` makes in the place of the second epoch's. */
async function replaceEpochs (root: string, write: (directory: string) => Promise<void>): Promise<void> {
  const elsewhere = createRoot(t)
  await write(spoolOf(elsewhere))
  const epoch = epochsOf(root)[1] as string
  for (const file of ofEpoch(root, epoch)) rmSync(file)
  for (const file of segmentsOf(elsewhere)) renameSync(file, join(spoolOf(root), basename(file).replace(/^\d{12}/, epoch)))
}

t.test('an untouched trail is intact, deep as well, and its end is proven', async t => {
  for (const isDeep of [false, true]) {
    const report = await verify(trail.root, config, { isDeep })
    t.match(report, { verdict: 'intact', findings: [], found: 0, records: 3 * 10, epochs: 3, writers: 1, remarks: [] })
    t.match(report.proven, [{ seq: 10, isLast: true }])
  }
})

for (const attack of attacks) {
  t.test(`${attack.name}: ${attack.class}`, async t => {
    const root = copyTrail(t, trail)
    await attack.act(root)
    const report = await verify(root, config)
    t.equal(report.verdict, attack.verdict, JSON.stringify(report.findings.slice(0, 5)))
    t.equal(report.findings[0]?.class, attack.class, JSON.stringify(report.findings.slice(0, 5)))
  })
}

t.test('without checkpoints nothing proves the end: it cannot be told', async t => {
  const report = await verify(trail.root, config, { withCheckpoints: false })
  t.match(report, { verdict: 'unknown', findings: [{ class: 'stale' }], found: 1 })
})

t.test('the newest epoch without its checkpoint: it cannot be told, however young it is', async t => {
  const root = copyTrail(t, trail)
  rmSync(checkpointFiles(root).at(-1) as string)
  editLines(segmentsOf(root).at(-1) as string, lines => lines.slice(0, -1))
  t.match(await verify(root, config), { verdict: 'unknown', findings: [{ class: 'stale' }] })
})

t.test('another key than the trail\'s: nothing is called intact', async t => {
  const report = await verify(trail.root, config, { key: createConfig().key })
  t.equal(report.verdict, 'tampered')
})
