// Dashboard, alert rules and `sallyport status` against a gateway that people used: they name only metrics, labels and words that it has.
import t from 'tap'
import { parse } from 'yaml'
import { read } from '../architecture/sources.ts'
import { classOf } from '../../src/inbound/route-class.ts'
import { readSamples } from '../../src/operations/ask-status.ts'
import { startJourney, type Journey } from '../support/journey.ts'
import { createMailPlace } from '../support/mail-place.ts'
import { associate, createOutboundPlace, handIn } from '../support/outbound-place.ts'
import { createShieldPlace, leads } from '../support/shield-place.ts'
import { runCli } from '../cli/run-cli.ts'

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string, readonly action: string }
}
const rules = (parse(read('helm/files/alerts.yaml')) as { groups: Array<{ rules: Rule[] }> }).groups.flatMap(group => group.rules)
const dashboard = JSON.parse(read('helm/files/dashboard.json')) as { panels: Array<{ title: string, targets: Array<{ expr: string }> }> }
const expressions = [
  ...rules.map(({ alert, expr }) => ({ name: alert, expr })),
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ name: title, expr }))),
]

/** A gateway in which every counter has counted once. */
async function startUsed (t: Parameters<typeof startJourney>[0]): Promise<Journey> {
  const place = await createOutboundPlace(t, { associate })
  const mail = await createMailPlace(t)
  const shield = await createShieldPlace(t, { aliases: [{ ...leads, name: 'inbox' }] })
  const journey = await startJourney(t, {
    configure (draft) {
      draft['access'] = { roles: { nurse: { groups: ['clinic-nurses'], allow: ['* /**'], deny: ['* /admin'] } } }
      place.configure(draft)
      const { outbound } = draft
      mail.configure(draft)
      const both = { ...draft['outbound'], ...outbound }
      shield.configure(draft)
      Object.assign(draft, { outbound: { ...draft['outbound'], ...both }, associates: [{ ...associate, destinations: ['leads', 'vendor'] }] })
    },
  })
  t.equal((await handIn(journey.outboundPort as number)).status, 202)
  const browser = journey.browser()
  await journey.signIn(browser)
  await browser.fetch(`${journey.url}/admin`)
  await browser.fetch(`${journey.url}/api/leads`)
  await browser.submit(await browser.open(`${journey.url}/_sallyport/sign-out`))
  journey.gateway.rooms.metrics.connectionRefused('clientIp.notAllowed')
  journey.gateway.rooms.metrics.verdict('dmarc', 'fail')
  journey.gateway.rooms.metrics.idleScriptHindered('sandbox')
  return journey
}

t.test('dashboard and alert rules name only metrics and labels that exist', async t => {
  const journey = await startUsed(t)
  const text = await (await fetch(`${journey.healthUrl}/metrics`)).text()
  const labelsOf = new Map<string, Set<string>>()
  for (const { name, labels } of readSamples(text)) labelsOf.set(name, new Set([...labelsOf.get(name) ?? [], ...Object.keys(labels)]))
  t.ok(rules.length >= 8 && dashboard.panels.length >= 10)
  for (const { name, expr } of expressions) {
    const metrics = [...new Set(expr.match(/sallyport_\w+/g))]
    t.ok(metrics.length > 0, `${name} asks for something`)
    t.same(metrics.filter(metric => !labelsOf.has(metric)), [], name)
    const known = new Set(['instance', ...metrics.flatMap(metric => [...labelsOf.get(metric) ?? []])])
    const used = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/)).concat([...expr.matchAll(/(\w+)(?:=|!=|=~|!~)"/g)].map(([, label = '']) => label))
    t.same(used.filter(label => !known.has(label)), [], `${name}: labels`)
    t.equal(expr.split('(').length, expr.split(')').length, `${name}: brackets`)
  }
  const shown = new Set(expressions.flatMap(({ expr }) => expr.match(/sallyport_\w+/g) ?? []).map(metric => metric.replace(/_(?:bucket|sum|count)$/, '')))
  const there = [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name = '']) => name)
  t.same(there.filter(name => !shown.has(name)), ['sallyport_audit_checkpoint_seconds'], 'and what exists is shown or watched; a checkpoint\'s time is in what fails')
})

t.test('every alert says in words what happened and what to do, and reasons in it are ours', async t => {
  const reasons = read('docs/reference/reasons.md')
  for (const { alert, expr, labels, annotations } of rules) {
    t.match(annotations.summary, /\.$/, alert)
    t.match(annotations.action, /\w{3}/, alert)
    t.match(labels.severity, /^(?:critical|warning)$/)
    for (const [, reason = ''] of expr.matchAll(/reason="([^"]+)"/g)) t.ok(reasons.includes(`\`${reason}\``), reason)
  }
})

t.test('a class of route is one of four words', async t => {
  t.equal(classOf({ method: 'GET', isOwn: true }), 'own')
  t.equal(classOf({ method: 'GET', isUpgrade: true }), 'socket')
  for (const method of ['GET', 'HEAD', 'PROPFIND']) t.equal(classOf({ method }), 'read', method)
  for (const method of ['POST', 'DELETE', 'MADE-UP']) t.equal(classOf({ method }), 'write', method)
})

t.test('sallyport status: one screen for a person, JSON for a program, 1 when nobody answers', async t => {
  const journey = await startUsed(t)
  const { code, out } = await runCli(['status', '--url', `${journey.healthUrl}/`])
  t.equal(code, 0, out)
  t.match(out, /^ready\n/)
  for (const line of [/^ {2}audit +ok {2}\w/m, /^ {2}people +0 signed in, /m, /^ {2}read +2 since the start, 0 failed/m, /^ {2}gate +\d+ records, .* 99 % within /m, /^ {2}certificate +2[89] days left$/m, /^ {2}refused +1 {2}access\.notAllowed$/m]) t.match(out, line)
  const json = JSON.parse((await runCli(['status', '--url', journey.healthUrl, '--json'])).out) as { isReady: boolean, exchanges: Array<{ routeClass: string, count: number }> }
  t.equal(json.isReady, true)
  t.equal(json.exchanges.find(({ routeClass }) => routeClass === 'read')?.count, 2)
  await journey.gateway.close()
  t.match(await runCli(['status', '--url', journey.healthUrl]), { code: 1, err: /^No gateway answers at .* \(ECONNREFUSED\): is it running/ })
})
