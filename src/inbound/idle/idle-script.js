// Runs in the CRM's pages. Reports what a person does, warns before the session ends, and covers the page when it has. No names of its own in the page.
// It is called with its words and colors, which the gateway writes into the last line.
(told => {
  const { currentScript: self, documentElement: root } = document
  const { left, idle, url, out } = self.dataset
  const idleMs = Number(idle)
  const reportEveryMs = Math.min(30000, idleMs / 4)
  const warnMs = Math.min(60000, idleMs / 3)
  const isTop = window === window.top
  let until = Date.now() + Number(left)
  let reportedAt = Date.now()
  let askedAt = 0
  let dialog, cover, text, isOver, isAsking
  let cause = ''

  // All tabs and frames of this address; where there is no channel, by the storage that they share.
  const channel = window.BroadcastChannel && new BroadcastChannel('_sallyport')
  const tell = message => {
    if (channel) channel.postMessage(message)
    else try { localStorage.setItem('_sallyport', JSON.stringify([message, Date.now()])) } catch {}
  }
  const hear = message => {
    if (/^over/.test(message)) { cause = message.slice(5); hide(); ask('GET') } else if (message > until) extend(message)
  }
  if (channel) channel.onmessage = event => hear(event.data)
  else window.addEventListener('storage', event => { if (event.key === '_sallyport' && event.newValue) hear(JSON.parse(event.newValue)[0]) })

  const extend = time => {
    until = time
    if (until - Date.now() > warnMs && dialog) { dialog.remove(); dialog = undefined }
    uncover()
  }

  // Asks how long is left, or reports that somebody is here: only that moves the clock.
  const ask = method => {
    if (isAsking || isOver) return
    isAsking = true
    askedAt = Date.now()
    fetch(url, { method, credentials: 'same-origin', cache: 'no-store', redirect: 'error' }).then(async answer => {
      // Of several windows one is told the cause, and tells the others.
      if (answer.status === 401) {
        hide()
        return answer.json().then(({ code, cause: named }) => { cause ||= named || code.split('.')[1] }, () => {}).finally(leave)
      }
      if (!answer.ok) throw answer
      const { leftMs } = await answer.json()
      until = Date.now() + leftMs
      extend(until)
      tell(until)
    }).catch(() => { if (Date.now() >= until) hide() }).finally(() => { isAsking = false })
  }

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

  const hide = () => {
    if (cover) return
    cover = makeDialog({ width: '100vw', height: '100vh', padding: '20vh 24px 0', textAlign: 'center' }, told.cover)
    cover.addEventListener('cancel', event => event.preventDefault())
    root.append(cover)
    cover.showModal()
  }
  const uncover = () => {
    if (!cover || Date.now() >= until) return
    cover.remove()
    cover = undefined
  }

  const leave = () => {
    if (isOver) return
    isOver = true
    hide()
    tell(`over ${cause}`)
    if (!isTop) return
    // What was on the page is gone even when nothing answers any more.
    if (document.body) document.body.replaceChildren()
    window.location.assign(out + (cause === 'missing' ? 'ended' : cause || 'ended'))
  }

  const warn = () => {
    if (dialog || !isTop) return
    dialog = makeDialog({ width: 'min(26em, 100vw - 32px)', height: 'fit-content', maxHeight: '90vh', overflow: 'auto', borderRadius: '12px', padding: '28px 24px 24px', boxShadow: `inset 0 5px ${accent}, 0 0 0 200vmax #0009` })
    dialog.setAttribute('aria-label', told.title)
    const title = make('p', { font: '600 20px/1.3 system-ui, sans-serif', marginBottom: '8px' }, told.title)
    title.ariaHidden = true
    text = make('p', { marginBottom: '24px' })
    text.setAttribute('role', 'status')
    const stay = make('button', {
      font: '600 16px/1.5 system-ui, sans-serif', padding: '10px 20px', border: '1px solid', borderRadius: '8px', textAlign: 'center', cursor: 'pointer', background: accent, color: `light-dark(${told.colors.light.ink}, ${told.colors.dark.ink})`, outline: `3px solid ${accent}`, outlineOffset: '3px',
    }, told.stay)
    stay.type = 'button'
    stay.autofocus = true
    stay.onclick = () => ask('POST')
    dialog.addEventListener('cancel', event => { event.preventDefault(); ask('POST') })
    dialog.append(title, text, stay)
    root.append(dialog)
    dialog.showModal()
    stay.focus()
  }

  const look = () => {
    if (isOver) return
    const leftMs = until - Date.now()
    if (leftMs <= 0) { hide(); ask('GET') } else if (leftMs <= warnMs) {
      warn()
      // Every second would be read aloud.
      const seconds = Math.ceil(leftMs / 1000)
      const duration = new Intl.NumberFormat(told.language, { style: 'unit', unit: 'second', unitDisplay: 'long' }).format(seconds > 10 ? Math.ceil(seconds / 10) * 10 : seconds)
      const words = told.text.replace('{duration}', () => duration)
      if (text && text.textContent !== words) text.textContent = words
    }
  }
  setInterval(look, 1000)
  // A laptop that slept, a tab that comes back, a page out of the browser's memory.
  for (const name of ['visibilitychange', 'pageshow', 'focus']) {
    window.addEventListener(name, event => {
      look()
      if (event.persisted) hide()
      // It may have ended elsewhere.
      if (event.persisted || (document.visibilityState === 'visible' && Date.now() - askedAt > reportEveryMs)) ask('GET')
    }, true)
  }

  const act = event => {
    if (!event.isTrusted || dialog || cover || isOver) return
    const now = Date.now()
    if (now - reportedAt < reportEveryMs) return
    reportedAt = now
    ask('POST')
  }
  // Not `scroll`: a page that scrolls by itself says so too. A person turns the wheel, drags or touches.
  for (const name of ['keydown', 'pointerdown', 'pointermove', 'touchstart', 'wheel']) window.addEventListener(name, act, { capture: true, passive: true })
})(globalThis)
