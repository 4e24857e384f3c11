// What the demo prints before the trail: where to go, as whom, and what to try.
import { people } from './people.ts'
import type { Paint } from './trail-line.ts'

export interface WelcomeFacts {
  readonly url: string
  readonly authorityFile: string
  readonly configFile: string
  readonly logFile: string
  readonly healthUrl: string
  readonly idpUrl: string
  readonly gatewayPid: number
  readonly idle: string
  /** Where the trail is kept, in words. */
  readonly trail: string
  /** Whether this machine answers on 127.0.0.2 without being told to (Linux does). */
  readonly hasSecondLoopback: boolean
}

const labelWidth = 15

function row (paint: Paint, label: string, text: string): string {
  return `  ${paint('dim', label.padEnd(labelWidth))}${text}`
}

export function formatWelcome (facts: WelcomeFacts, paint: Paint): string {
  const curl = `curl --cacert ${facts.authorityFile}`
  const refused = facts.hasSecondLoopback
    ? [row(paint, 'wrong address', `${curl} --interface 127.0.0.2 ${facts.url}/`), row(paint, '', '127.0.0.2 is not on the allowlist: refused, on record, and the CRM saw nothing')]
    : [row(paint, 'wrong address', 'take 127.0.0.1 out of clientIp.allow in gateway.yaml: then you are refused yourself')]
  return `
${paint('bold', 'Sallyport is open.')}  A gateway, a sample CRM behind it and an identity provider beside it, all on this machine.

  ${paint('bold', facts.url)}

  Your browser will warn that it does not know who signed the certificate. Go on, or import the authority:
  ${facts.authorityFile}

${paint('bold', 'Sign in as')}  (any six digits are right; to change the person, sign out first)
${people.map(person => row(paint, person.name.split(' ')[0] ?? '', `${person.id.padEnd(28)}${person.may}`)).join('\n')}

${paint('bold', 'What to try')}
${[
  row(paint, 'a patient', 'sign in as the nurse and open one: every request is on record before the CRM sees it'),
  row(paint, 'a role', 'sign in as the front desk and open Recordings'),
  row(paint, 'idle logout', facts.idle === '15m'
    ? 'start again with  npm run demo -- --idle 30s  and leave the page alone: its polling does not keep you in'
    : `leave the page alone for ${facts.idle}: its polling does not keep you in`),
  row(paint, 'sign-out', 'in the CRM, top right: the old cookie is dead, the live feed is cut'),
  ...refused,
  row(paint, 'odd path', `${curl} --path-as-is '${facts.url}/patients/%2e%2e%2fleads'`),
  row(paint, '', 'can be read in two ways: 400, and the CRM saw nothing'),
  row(paint, 'a crash', `kill -9 ${facts.gatewayPid}`),
  row(paint, '', 'it is started again; what was on its way is in the trail with an ending'),
].join('\n')}

${paint('bold', 'Where things are')}
${[row(paint, 'configuration', facts.configFile), row(paint, 'log', facts.logFile), row(paint, 'sign-in page', facts.idpUrl), row(paint, 'readiness', facts.healthUrl), row(paint, 'trail', facts.trail)].join('\n')}

${paint('bold', 'The audit trail, live')}  (Ctrl-C ends everything and removes the temporary directory)
`
}
