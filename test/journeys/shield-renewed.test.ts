// What may change while mail comes in: the certificate, and the policy of an alias. And what the metrics say.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { SmtpDialogue } from '../../src/operations/smtp-dialogue.ts'
import { createSystemClock } from '../../src/shared/clock.ts'
import { startJourney } from '../support/journey.ts'
import { policyFile } from '../support/mail-place.ts'
import { until } from '../support/outbound-place.ts'
import { createShieldPlace, leads, letter, shieldName, writeTo } from '../support/shield-place.ts'

const dayMs = 86_400_000

/** When the certificate that it shows ends. */
async function shownBy (port: number): Promise<number> {
  const dialogue = await SmtpDialogue.open({ host: '127.0.0.1', port }, { clock: createSystemClock(), timeoutMs: 10_000 })
  if (dialogue === undefined) throw new Error('nobody listens')
  try {
    await dialogue.read()
    await dialogue.say('EHLO outside.example')
    await dialogue.say('STARTTLS')
    return (await dialogue.encrypt(shieldName))?.endsAt ?? 0
  } finally { dialogue.close() }
}

t.test('a renewed certificate, one that cannot be used, another policy', async t => {
  const place = await createShieldPlace(t, { aliases: [{ ...leads, policy: './leads.yaml' }] })
  const policy = readFileSync(policyFile, 'utf8')
  const journey = await startJourney(t, { configure: place.configure, beforeLoad: directory => { writeFileSync(join(directory, 'leads.yaml'), policy) } })
  const port = journey.shieldPort as number
  const [file, key] = [join(journey.directory, 'tls.pem'), join(journey.directory, 'tls.key')]
  const before = await shownBy(port)
  const leaf = await journey.authority.issue({ names: [shieldName], notAfter: new Date(before - 5 * dayMs) })
  writeFileSync(file, leaf.certPem)
  writeFileSync(key, leaf.keyPem)
  await journey.reload()
  const renewed = await shownBy(port)
  t.ok(renewed < before, 'the next connection is shown the new one')
  const expires = async () => /sallyport_shield_certificate_expires_seconds (\d+)/.exec(await (await fetch(`${journey.healthUrl}/metrics`)).text())?.[1]
  t.equal(Number(await expires()), Math.floor(renewed / 1000))
  const send = async () => {
    const count = place.mailbox.seen.length
    await writeTo(port, { ...letter, subject: 'A later appointment', dkim: place.dkim })
    await until(() => place.mailbox.seen.length === count + 1)
    return place.mailbox.seen[count]?.body.toString() ?? ''
  }
  t.match(await send(), /^Subject: A later appointment\r$/m)
  writeFileSync(join(journey.directory, 'leads.yaml'), policy.replace('{ path: subject, action: prose }', '{ path: subject, action: mask }'))
  await journey.reload()
  t.notMatch(await send(), /A later appointment/)
  let metrics = ''
  // A mail leaves the queue once it is on record how it ended.
  await until(async () => {
    metrics = await (await fetch(`${journey.healthUrl}/metrics`)).text()
    return /sallyport_messages_total\{destination="leads",what="delivered"\} 2/.test(metrics) && /sallyport_shield_waiting 0\n/.test(metrics)
  })
  for (const check of ['spf', 'dkim', 'dmarc']) t.match(metrics, new RegExp(`sallyport_shield_verdicts_total\\{check="${check}",result="pass"\\} 2\\n`))
  t.match(metrics, /sallyport_shield_oldest_seconds 0\n/)
})
