// `sallyport check --live` at the mail server: it works, or what to do; no mail is sent.
import t from 'tap'
import { startMail, type MailPlaceOptions } from '../support/mail-place.ts'
import { runCli } from './run-cli.ts'

const password = 'a password of the clinic'
const user = { name: 'clinic', password }
const signsInWith = (text: string): Pick<MailPlaceOptions, 'smarthost'> => ({ smarthost: write => ({ user: 'clinic', password: { file: write('smarthost.password', text) } }) })

const cases: ReadonlyArray<readonly [string, MailPlaceOptions, RegExp]> = [
  ['it works', { server: { user }, ...signsInWith(password) }, /^ok {6}smarthost +127\.0\.0\.1:\d+ is encrypted, has the right certificate and lets the gateway sign in$/m],
  ['a wrong password', { server: { user }, ...signsInWith('another password') }, /^NOT OK {2}smarthost +127\.0\.0\.1:\d+: it does not accept smarthost\.user and smarthost\.password\.$/m],
  ['another name', { server: { addresses: ['127.0.0.9'], names: ['other.vendor.test'] } }, /^NOT OK {2}smarthost .*: its certificate is not valid for that name/m],
  ['no encryption', { server: { options: { disabledCommands: ['STARTTLS', 'AUTH'] } } }, /^NOT OK {2}smarthost .*: it does not encrypt: port 587 goes with tls: starttls/m],
  ['a private address', { outbound: { allowAddresses: [] } }, /^NOT OK {2}smarthost .*: its address is in a private network/m],
]

t.test('the mail server as it is now', async t => {
  for (const [name, options, said] of cases) {
    const { journey, place } = await startMail(t, options)
    const { out, err } = await runCli(['check', '--live', '--config', journey.configFile])
    t.match(out + err, said, name)
    t.equal(place.smarthost.seen.length, 0, `${name}: nothing was sent`)
    await place.smarthost.close()
    t.match((await runCli(['check', '--live', '--config', journey.configFile])).out, name === 'a private address' ? said : /^NOT OK {2}smarthost .*: it does not answer: is it running/m, `${name}, and then it is away`)
    await journey.close()
  }
})
