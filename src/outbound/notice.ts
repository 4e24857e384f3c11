// The mail that goes instead of one that may not: there is something new, and where to open it. Nothing of the mail itself is in it. Pure.

export interface NoticeWords {
  readonly subject: string
  readonly text: string
  readonly link: string
  readonly sender: string
}

export interface NoticeOf { readonly to: readonly string[], readonly now: number, readonly id: string }

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** RFC 5322 section 3.3, in UTC. */
export function formatMailDate (ms: number): string {
  const time = new Date(ms)
  return `${days[time.getUTCDay()] ?? ''}, ${time.getUTCDate()} ${months[time.getUTCMonth()] ?? ''} ${time.getUTCFullYear()} ${time.toISOString().slice(11, 19)} +0000`
}

function writeWords (text: string): string {
  if (!/[^ -~]/.test(text)) return text
  const pieces = text.match(/[^]{1,10}/gu) ?? []
  return pieces.map(piece => `=?UTF-8?B?${Buffer.from(piece).toString('base64')}?=`).join('\r\n ')
}

export function createNotice ({ subject, text, link, sender }: NoticeWords): (about: NoticeOf) => Buffer {
  const domain = sender.slice(sender.lastIndexOf('@') + 1)
  const body = Buffer.from(`${text.replaceAll('\r\n', '\n').replaceAll('\n', '\r\n')}\r\n\r\n${link}\r\n`, 'utf8').toString('base64').replace(/.{76}(?=.)/g, '$&\r\n')
  return ({ to, now, id }) => Buffer.from([
    `From: ${sender}`,
    // Recipients of one class do not learn of each other.
    `To: ${to.length === 1 ? to[0] ?? '' : 'undisclosed-recipients:;'}`,
    `Subject: ${writeWords(subject)}`,
    `Date: ${formatMailDate(now)}`,
    `Message-ID: <${id}@${domain}>`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    body,
    '',
  ].join('\r\n'), 'latin1')
}
