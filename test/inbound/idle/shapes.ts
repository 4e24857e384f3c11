// Documents as they are found on the web, in every way they are written and broken, and answers that are none: which of them get the idle script.
export interface Shape {
  readonly name: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly status?: number
  /** Whether the script is put in. */
  readonly isChanged: boolean
}

const utf8 = 'text/html; charset=utf-8'
const xhtml = 'application/xhtml+xml'
const xmlns = 'xmlns="http://www.w3.org/1999/xhtml"'
const big = (bytes: Buffer) => Buffer.from(bytes).swap16()

interface Unusual { readonly type?: string, readonly isChanged?: boolean, readonly status?: number, readonly headers?: Readonly<Record<string, string>> }

function shape (name: string, body: string | Buffer, { type = utf8, isChanged = true, ...rest }: Unusual = {}): Shape {
  return { name, body: typeof body === 'string' ? Buffer.from(body) : body, isChanged, ...rest, headers: { 'content-type': type, ...rest.headers } }
}
const none = { isChanged: false }

/** Written by hand, since Node.js encodes none of these: `\x` bytes are in the charset that is named. */
const bytes = (text: string) => Buffer.from(text, 'latin1')

const doctypes: readonly Shape[] = [
  shape('HTML5', '<!doctype html>\n<html lang="en">\n<head>\n<title>T</title></head>\n<body class="a"><p>Müller €</p></body>\n</html>\n'),
  shape('HTML 4.01 Strict', '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">\r\n<HTML><HEAD><TITLE>T</TITLE></HEAD><BODY><P>x</BODY></HTML>'),
  shape('HTML 4.01 Transitional, nearly standards', '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd"><html><head><title>T</title><body><table><tr><td>x'),
  shape('HTML 3.2, quirks', '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN"><html><head><title>T</title></head><body bgcolor=white><font>x</font></body></html>'),
  shape('no doctype, quirks', '<html><head><title>T</title></head><body><p>x</body></html>'),
  shape('a frameset', '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Frameset//EN"><html><head><title>T</title></head><frameset cols="1*,2*"><frame src="about:blank"><frame src="about:blank"><noframes>x</noframes></frameset></html>'),
  shape('a frameset without a head', '<html><frameset rows="*"><frame src="about:blank"></frameset></html>'),
  shape('a legacy string', '<!doctype html SYSTEM "about:legacy-compat"><html><head><title>T</title></head><body>x'),
  shape('a doctype whose quote is never closed', '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN>\n<html lang="en">\n<head>\n<title>it\'s "T"</title></head><body title="a>b">x</body></html>'),
  shape('lines that end with CR alone', '<!doctype html>\r<html>\r<head>\r<title>T</title>\r<body>\rx\r'),
]

const heads: readonly Shape[] = [
  shape('no head written', '<!doctype html><title>T</title><p>x'),
  shape('neither html nor head nor title', '<!doctype html>\n<p>x <b>y'),
  shape('text behind the doctype', '<!doctype html>x<p>y'),
  shape('html and body, no head', '<!doctype html><html lang=en><body onload="1"><p>x</body></html>'),
  shape('a body alone', '<body><h1>x</h1></body>'),
  shape('a title first, no doctype', '<title>T</title><p>x'),
  shape('a charset first, no doctype', '<meta charset=utf-8><title>T</title><p>ä'),
  shape('a head alone', '<head><title>T</title></head>x'),
  shape('a head with attributes', '<!doctype html><html><head prefix="og: https://ogp.me/ns#" data-x=\'a>b\'><title>T</title></head><body>x'),
  shape('a base at another address', '<!doctype html><html><head><base href="https://cdn.example/app/"><title>T</title></head><body><a href="x">x</a>'),
  shape('head in the text of a script', '<!doctype html><html><script>var a = "<head>", b = "</head>"</script><head><title>T</title></head><body>x'),
  shape('a head that is never closed, and a second one', '<!doctype html><html><head><title>T</title><div>x</div><head><meta name=a></head></html>'),
  shape('comments before everything', '<!-- <head> --><!doctype html><!-- > --><html><!--x--><head><!--y--><title>T</title></head><body>x'),
  shape('a comment before the doctype makes nothing quirky', '\n<!-- page 7 -->\n<!DOCTYPE html>\n<html><head><title>T</title></head><body>x'),
  shape('comments as nobody should write them', '<!--><!doctype html><!--x--!><html><!---><head><title>T</title></head><body>x<!-- never closed'),
  shape('conditional comments about html', '<!doctype html>\n<!--[if lt IE 9]><html class="ie"><![endif]-->\n<!--[if !IE]><!--><html class="no-js"><!--<![endif]-->\n<head><title>T</title></head><body>x'),
  shape('conditions that are no comments', '<!doctype html><![if !IE]><html lang="de"><![endif]><head><title>T</title></head><body>x'),
  shape('instructions', '<?php echo ?><!doctype html><?xml-stylesheet href="a"?><html><head><title>T</title></head><body>x'),
  shape('quotes where none belong', '<!doctype html><html lang=en" class=\'a\'b><head data-a=it\'s><title>"T"</title></head><body title="x">x'),
  shape('a slash and equals signs that stand for nothing', '<!doctype html><html =" / = lang="en"><head/ ><title>T</title></head><body>x'),
  shape('broken markup', '<!doctype html><html><head><title>T</title><body><table><p>a<tr><td><form><form></table></form><b><i>x</b></i></body></html><p>behind'),
  shape('a huge head', `<!doctype html><html><head><title>T</title><style>${'p { color: #123456 }\n'.repeat(10_000)}</style></head><body><p>x`),
  shape('huge data in the page', `<!doctype html><html><head><title>T</title></head><body><img src="data:image/png;base64,${'iVBORw0KGgo'.repeat(60_000)}">x`),
  shape('a long comment, and the head behind it', `<!doctype html><!--${'x'.repeat(50_000)}--><html><head><title>T</title></head><body>x`),
]

const japanese = (type: string, text: string) => ({ type: `text/html; charset=${type}`, body: bytes(`<!doctype html><html><head><title>${text}</title></head><body><p title="${text}">${text}</p>`) })
const utf16 = '<!doctype html><html><head><title>T</title></head><body><p>日本 €</p>'
const charsets: readonly Shape[] = [
  shape('UTF-8 with its mark', `\uFEFF${utf16}`, { type: 'text/html' }),
  shape('UTF-16, little end first', Buffer.from(`\uFEFF${utf16}`, 'utf16le'), { type: 'text/html' }),
  shape('UTF-16, big end first', big(Buffer.from(`\uFEFF${utf16}`, 'utf16le')), { type: 'text/html' }),
  shape('UTF-16 without a mark', Buffer.from(utf16, 'utf16le'), { type: 'text/html; charset=UTF-16LE' }),
  shape('UTF-16 that is only named so', Buffer.from(utf16, 'utf16le'), { type: 'text/html;charset="utf-16"' }),
  shape('UTF-16BE without a mark', big(Buffer.from(utf16, 'utf16le')), { type: 'text/html; charset=utf-16be' }),
  ...([['Shift_JIS', '\x93\xfa\x96\x7b\x95\x5c'], ['EUC-JP', '\xc6\xfc\xcb\xdc'], ['gb18030', '\xd6\xd0\x81\x30\x81\x30'], ['big5', '\xa4\xa4\xb3\x5c'], ['windows-1252', '\x80 M\xfcller'], ['koi8-r', '\xf0\xf2']] as const)
    .map(([name, text]) => shape(name, japanese(name, text).body, { type: japanese(name, text).type })),
  shape('a charset that only the page names', bytes('<!doctype html><html><head><meta http-equiv="Content-Type" content="text/html; charset=windows-1251"><title>\xcf\xf0</title></head><body>\xcf'), { type: 'text/html' }),
  shape('a charset that stands a thousand bytes behind', bytes(`<!doctype html><html><head><!--${'x'.repeat(950)}--><meta charset="windows-1251"><title>\xcf\xf0</title></head><body>\xcf`), { type: 'text/html' }),
  shape('ISO-2022-JP with its escapes before the head', bytes('<!doctype html><!-- \x1b$B%"\x1b(B --><html><head><title>\x1b$BF|K\\\x1b(B</title></head><body>x'), { type: 'text/html; charset=iso-2022-jp', ...none }),
  shape('ISO-2022-JP', bytes('<!doctype html><html><head><title>\x1b$BF|K\\\x1b(B</title></head><body>x'), { type: 'text/html; charset=iso-2022-jp' }),
]

const subset = '<!DOCTYPE html [\n<!-- don\'t ] > -->\n<!ENTITY who "a ]> b">\n<?x ]> ?>\n]>'
const xml: readonly Shape[] = [
  shape('XHTML', `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">\n<html ${xmlns}><head><title>T</title></head><body><p>x</p></body></html>`, { type: xhtml }),
  shape('XHTML with declarations of its own', `<?xml version="1.0"?>${subset}<html ${xmlns}><head><title>T</title></head><body><p>&who;</p></body></html>`, { type: xhtml }),
  shape('XHTML without a head', `<html ${xmlns}><body><p>x</p></body></html>`, { type: xhtml }),
  shape('XHTML with an empty head', `<html ${xmlns}><head/><body><p>x</p></body></html>`, { type: xhtml }),
  shape('XHTML with a style sheet', `<?xml-stylesheet href="a>b"?><html ${xmlns}><head><title>T</title></head><body><p>x</p></body></html>`, { type: `${xhtml}; charset=utf-8` }),
  shape('XHTML with prefixes', '<!DOCTYPE html><h:html xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>T</h:title></h:head><h:body>x</h:body></h:html>', { type: xhtml, ...none }),
  shape('XHTML that is nothing', `<html ${xmlns}/>`, { type: xhtml, ...none }),
  shape('XHTML sent as HTML', `<?xml version="1.0"?><!DOCTYPE html><html ${xmlns} xml:lang="en"><head ><title>T</title></head><body><br/>x</body></html>`),
  shape('SVG', '<svg xmlns="http://www.w3.org/2000/svg"><title>T</title></svg>', { type: 'image/svg+xml', ...none }),
  shape('a feed', '<?xml version="1.0"?><rss><channel><title>T</title></channel></rss>', { type: 'application/xml', ...none }),
]

const whole = '<!doctype html><html><head><title>T</title></head><body>x</body></html>'
const others: readonly Shape[] = [
  shape('a fragment', '<div><head>x</head></div>', none), shape('rows of a table', '<tr><td>1</td></tr>', none), shape('text that is called HTML', 'OK', none),
  shape('JSON that is called HTML', '{"html":"<html><head>"}', none), shape('a script that is called HTML', '<script>parent.done("<head>")</script>', none),
  shape('nothing', '', none), shape('blanks', ' \n\t', none), shape('a comment and no more', '<!-- <html><head> -->', none), shape('more comment than anybody writes', `<!--${'x'.repeat(70_000)}-->${whole}`, none),
  shape('a mail', `Subject: x\r\nContent-Type: text/html\r\n\r\n${whole}`, { type: 'message/rfc822', ...none }), shape('plain text', whole, { type: 'text/plain', ...none }),
  shape('a page with its parts', `--b\r\nContent-Type: text/html\r\n\r\n${whole}\r\n--b--`, { type: 'multipart/related; boundary=b', ...none }),
  shape('a download', whole, { headers: { 'content-disposition': 'Attachment; filename="letter.html"' }, ...none }), shape('a file that is shown', whole, { headers: { 'content-disposition': 'inline; filename="letter.html"' } }),
  shape('a mail shown in a sandbox', whole, { headers: { 'content-security-policy': 'sandbox; default-src \'none\'' }, ...none }),
  shape('a coding that nobody knows', whole, { headers: { 'content-encoding': 'x-unknown' }, ...none }),
  shape('a part', whole, { status: 206, headers: { 'content-range': 'bytes 0-9/100' }, ...none }), shape('not modified', '', { status: 304, ...none }), shape('no content', '', { status: 204, ...none }),
  shape('a redirect', whole, { status: 302, headers: { location: '/elsewhere' }, ...none }), shape('not found', whole, { status: 404 }), shape('broken', whole, { status: 500 }),
]

export const shapes: readonly Shape[] = [...doctypes, ...heads, ...charsets, ...xml, ...others]
