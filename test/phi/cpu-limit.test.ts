// One message may not hold up the others: what has had its share of the processor is held, a plain text as well as a list of many fields.
import t from 'tap'
import { createProsePolicy, createRedactor, createVaultTokens } from '../../src/phi/phi.ts'
import { isData } from '../../src/phi/prose/chain.ts'

/** A processor on which each look at it finds so much more spent. */
function redactorOn (msBetweenLooks: number) {
  let spent = 0
  const spentMs = () => {
    spent += msBetweenLooks
    return spent
  }
  return createRedactor({ policy: createProsePolicy(), tokens: createVaultTokens(Buffer.alloc(32), new Map()), now: () => 0, cpuLimit: { mostMs: 100, spentMs } })
}

const list = { type: 'application/json', body: Buffer.from(JSON.stringify(Array.from({ length: 200 }, () => 'Jane Roe'))) }
const text = { type: 'text/plain', body: Buffer.from('Call Jane Roe at 555-0100.') }

t.test('a message within its share passes', async t => {
  t.equal(redactorOn(0.1).redact(list).held, undefined)
  t.equal(redactorOn(0.1).redact(text).held, undefined)
})

t.test('a message beyond its share is held', async t => {
  t.equal(redactorOn(60).redact(list).held, 'tooLong')
  t.equal(redactorOn(60).redact(text).held, 'tooLong', 'its second reading is too much')
})

t.test('each message has a share of its own', async t => {
  const redactor = redactorOn(10)
  for (let count = 0; count < 20; count++) t.equal(redactor.redact(text).held, undefined)
})

t.test('names of fields as CRMs write them are no data', async t => {
  for (const name of ['hs_object_id', 'lifecyclestage', 'firstname', 'utm_source', 'vid', 'portalId', 'ownerId', 'createdAt', 'ts', 'deal_value', 'org_name', 'hubspot_owner_id', 'LeadSource', 'MailingCity']) {
    t.equal(isData(name), false, name)
  }
  for (const name of ['Jane Roe', 'j.roe@x.example', '555-0100', 'dr_jane_roe']) t.equal(isData(name), true, name)
})
