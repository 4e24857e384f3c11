// Every profile's golden cases, run through the whole gateway with nothing configured but the profile's name.
import t from 'tap'
import { readCases, runCases } from '../support/profile-cases.ts'

const ofRealCrms = ['suitecrm', 'espocrm', 'dolibarr', 'twenty', 'request-tracker']

for (const name of ['demo', ...ofRealCrms]) t.test(`the golden cases of ${name}`, async t => { await runCases(t, name) })

t.test('there are enough of them, and each profile has lists, searches, files, polling and a sign-out among them', async t => {
  for (const name of ofRealCrms) {
    const cases = readCases(name)
    t.ok(cases.length >= 25, `${name}: ${cases.length}`)
    for (const kind of ['read', 'list', 'search', 'create', 'update', 'delete', 'download']) t.ok(cases.some(one => one.is.startsWith(`${kind} `)), `${name}: ${kind}`)
    t.ok(cases.some(one => one.background === true), `${name}: background`)
    t.ok(cases.some(one => one.signsOut === true), `${name}: sign-out`)
    t.ok(cases.some(one => one.seen !== undefined), `${name}: a list whose ids are on record`)
  }
})
