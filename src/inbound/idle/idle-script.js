// Runs in the CRM's pages. Reports what a person does, warns before the session ends, and covers the page when it has. No names of its own in the page.
// It is called with its words and colors, which the gateway writes into the last line.
/* global addEventListener, location, top */
(told => {
  const { currentScript } = document
  const { left, idle, url, out, who, blanks } = currentScript.dataset
  const { fetch } = window
  // A page may say that its addresses begin elsewhere (`base`).
  const { origin } = location
  // In a packed page the blanks before this element stand behind it once more, where the page has none.
  const tidy = () => {
    const next = currentScript.nextSibling
    if (!next || next.nodeType !== 3 || /\S/.test(next.data.slice(0, blanks))) return
    next.deleteData(0, blanks)
    if (!next.data) next.remove()
  }
  if (blanks) {
    if (document.readyState === 'loading') document.addEventListener('readystatechange', tidy, { once: true })
    else tidy()
  }
  // A frame in a sandbox has no address of its own and can ask nothing: the window around it covers it.
  if (window.origin === 'null' && window !== top) return
  // The outermost window of this address; around it may be one of another.
  let isTop = window === top
  try { isTop ||= !top.document } catch { isTop = true }
  const idleMs = Number(idle)
  const reportEveryMs = Math.min(30000, idleMs / 4)
  const warnMs = Math.min(60000, idleMs / 3)
  let until = Date.now() + Number(left)
  let reportedAt = Date.now()
  let seenAt = reportedAt
  let askedAt = 0
  let turns = 0
  let dialog, cover, text, stay, spot, isOver, isAsking, isHere, isEmpty, isLast, cause

  // All tabs and frames of this address; where there is no channel, by the storage that they share.
  const channel = window.BroadcastChannel && new BroadcastChannel('_sallyport')
  const tell = message => {
    if (channel) channel.postMessage(message)
    else try { localStorage.setItem('_sallyport', JSON.stringify([message, Date.now()])) } catch {}
  }
  const hear = message => {
    if (typeof message === 'string') { cause ||= message.split(' ').pop(); hide(); ask('GET') } else if (isOther(message[1])) leave({ cause: 'replaced' }, true); else if (message[0] > until) extend(message[0])
  }
  // Somebody else has signed in here, while this page still shows what the one before was looking at.
  const isOther = mark => who && mark && mark !== who
  const tellUntil = () => tell([until, who])
  if (channel) channel.onmessage = event => hear(event.data)
  else addEventListener('storage', event => { if (event.key === '_sallyport' && event.newValue) hear(JSON.parse(event.newValue)[0]) })

  const extend = time => {
    until = time
    if (until - Date.now() > warnMs && dialog) { dialog.remove(); dialog = undefined }
    uncover()
  }

  // Asks how long is left, or reports that somebody is here: only that moves the clock.
  const ask = method => {
    if (isOver || (isAsking && method === 'GET')) return
    isAsking = true
    askedAt = Date.now()
    const turn = turns += 1
    fetch(origin + url, { method, credentials: 'same-origin', cache: 'no-store', redirect: 'error', signal: window.AbortSignal?.timeout?.(10000) }).then(async answer => {
      // Of several windows one is told the cause, and tells the others.
      if (answer.status === 401) return leave(await answer.json().catch(() => ({})))
      if (!answer.ok) throw answer
      const { leftMs, who: mark } = await answer.json()
      if (isOther(mark)) return leave({ cause: 'replaced' }, true)
      // What another window said was not about this session.
      cause = undefined
      // A report that went out since says more.
      if (turn < turns) return
      // The absolute end: nothing makes it longer, and nobody is kept from saving.
      if (method === 'POST' && leftMs <= warnMs) { isLast = true; loosen() }
      extend(Date.now() + leftMs)
      tellUntil()
    }).catch(() => {
      const now = Date.now()
      isHere = method === 'POST' && now - reportedAt < reportEveryMs
      if (now >= until) hide()
      // Nobody says that it is over, and it is: after a long sleep without a network.
      if (now >= until + 60000) empty()
    }).finally(() => { isAsking = turn < turns })
  }
  const report = () => { reportedAt = Date.now(); ask('POST') }

  // Nothing of the page's styles reaches in; light and dark as the person has set it. What an old browser does not know falls back to its own colors.
  const make = (name, style, words) => {
    const made = document.createElement(name)
    Object.assign(made.style, { all: 'initial', colorScheme: 'light dark', display: 'block', boxSizing: 'border-box', font: '16px/1.5 system-ui, sans-serif', color: 'CanvasText', background: 'Canvas' }, style)
    if (words) made.textContent = words
    return made
  }
  const makeDialog = (style, words) => {
    const made = make('dialog', { position: 'fixed', inset: 0, margin: 'auto', ...style }, words)
    made.lang = told.language
    made.dir = told.direction
    return made
  }
  const accent = `light-dark(${told.colors.light.accent}, ${told.colors.dark.accent})`
  // Browsers let a second Escape close what a page wants to keep open.
  const show = (made, onEscape) => {
    made.oncancel = event => { event.preventDefault(); onEscape?.() }
    made.onclose = () => { if (made.isConnected) { made.showModal(); onEscape?.() } }
    // A page may write itself anew, with another root.
    document.documentElement.append(made)
    made.showModal()
  }

  const hide = () => {
    isHere = false
    if (cover?.isConnected) return
    cover = makeDialog({ width: '100vw', height: '100vh', padding: '20vh 24px 0', textAlign: 'center' }, told.cover)
    cover.setAttribute('closedby', 'none')
    show(cover)
  }
  const uncover = () => {
    if (!cover || Date.now() >= until) return
    if (isEmpty) return location.reload()
    cover.remove()
    cover = undefined
  }
  const empty = () => {
    isEmpty = true
    document.title = ''
    for (const child of [...document.documentElement.children]) if (child !== cover) child.remove()
  }

  const leave = ({ code, cause: named }, isMine) => {
    if (isOver) return
    isOver = true
    // Another window was told why, or this one was signed out in it.
    cause ||= named || (/idle|absolute/.exec(code)?.[0] ?? (Date.now() < until ? 'ended' : 'idle'))
    hide()
    if (!isMine) tell(cause)
    empty()
    // The page's own question whether to leave would stop everything here, with the screen as it was; so would a router that takes every address for its own.
    addEventListener('beforeunload', event => event.stopImmediatePropagation(), true)
    for (const kind of ['BeforeUnloadEvent', 'NavigateEvent']) if (window[kind]) Object.assign(window[kind].prototype, { preventDefault () {}, intercept () {} })
    if (isTop) location.assign(origin + out + cause)
  }

  const warn = () => {
    if (dialog?.isConnected || !isTop) return
    dialog = makeDialog({ width: 'min(26em, 100vw - 32px)', height: 'fit-content', maxHeight: '90vh', overflow: 'auto', borderRadius: '12px', padding: '28px 24px 24px', boxShadow: `inset 0 5px ${accent}, 0 0 0 200vmax #0009` })
    dialog.setAttribute('aria-label', told.title)
    const title = make('p', { font: '600 20px/1.3 system-ui, sans-serif', marginBottom: '8px' }, told.title)
    title.ariaHidden = true
    text = make('p', { marginBottom: '24px' })
    text.setAttribute('role', 'status')
    stay = make('button', {
      font: '600 16px/1.5 system-ui, sans-serif', padding: '10px 20px', border: '1px solid', borderRadius: '8px', textAlign: 'center', cursor: 'pointer', background: accent, color: `light-dark(${told.colors.light.ink}, ${told.colors.dark.ink})`, outline: `3px solid ${accent}`, outlineOffset: '3px',
    }, told.stay)
    stay.type = 'button'
    stay.autofocus = true
    stay.onclick = report
    dialog.append(title, text, stay)
    show(dialog, report)
    stay.focus()
    loosen()
  }
  const loosen = () => {
    if (!dialog || !isLast) return
    stay.remove()
    dialog.onclose = undefined
    dialog.close()
    Object.assign(dialog.style, { inset: 'auto 0 16px', boxShadow: `inset 0 5px ${accent}, 0 8px 40px #0008`, zIndex: 2147483647 })
    dialog.show()
  }

  const look = () => {
    const now = Date.now()
    if (isOver) return
    // The machine's clock was set back.
    if (now < seenAt) { until += now - seenAt; reportedAt += now - seenAt; ask('GET') }
    seenAt = now
    listen()
    if (isHere) { isHere = false; ask('POST') }
    const leftMs = until - now
    if (leftMs <= 0) hide()
    if (leftMs <= 0 || (cover && now - askedAt > 5000)) ask('GET')
    if (leftMs > 0 && leftMs <= warnMs) {
      warn()
      // Every second would be read aloud.
      const seconds = Math.ceil(leftMs / 1000)
      const duration = new Intl.NumberFormat(told.language, { style: 'unit', unit: 'second', unitDisplay: 'long' }).format(seconds > 10 ? Math.ceil(seconds / 10) * 10 : seconds)
      const words = (isLast ? told.last : told.text).replace('{duration}', () => duration)
      if (text && text.textContent !== words) text.textContent = words
    }
  }

  // A laptop that slept, a tab that comes back, a page out of the browser's memory, into which it goes covered.
  const wake = ({ type, persisted }) => {
    look()
    if (persisted) hide()
    // It may have ended elsewhere.
    if (type !== 'pagehide' && (persisted || (document.visibilityState === 'visible' && Date.now() - askedAt > reportEveryMs))) ask('GET')
  }
  const act = event => {
    const { type, screenX, screenY } = event
    if (!event.isTrusted || event.repeat) return
    // A mouse that lies still while the page moves under it, a key with something on it: nobody is there.
    if (type === 'pointermove') {
      const was = spot
      spot = `${screenX} ${screenY}`
      if (!was || was === spot) return
    }
    if (dialog || cover || isOver) return
    if (Date.now() - reportedAt >= reportEveryMs) report()
  }
  // Not `scroll`: a page that scrolls by itself says so too. A person turns the wheel, drags or touches; a screen reader or a voice clicks and writes.
  const acts = ['keydown', 'pointerdown', 'pointermove', 'touchstart', 'wheel', 'click', 'input']
  // Frames that the page writes itself, as editors are, have no script of their own.
  const listenIn = view => {
    for (const name of acts) view.addEventListener(name, act, { capture: true, passive: true })
    for (let at = 0; at < view.length; at += 1) {
      try {
        const inner = view[at]
        // One that was empty at first and has its own script now keeps its listeners: nothing is to be reported twice.
        if (inner.document.querySelector('script[data-idle]')) for (const name of acts) inner.removeEventListener(name, act, true)
        else listenIn(inner)
      } catch {}
    }
  }
  // Again and again: a document that is written anew forgets who listened, and nobody listens twice.
  const listen = () => {
    for (const name of ['visibilitychange', 'pageshow', 'pagehide', 'focus']) addEventListener(name, wake, true)
    listenIn(window)
  }
  listen()
  setInterval(look, 1000)
  // What other windows know of the end may be older.
  tellUntil()
})(globalThis)
