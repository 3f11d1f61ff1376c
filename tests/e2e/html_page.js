// node html_page.js CHROMIUM PAGE: opens the report in a headless browser, then searches, filters and clicks as a reader
// would, and holds what is shown to the data in the page. The browser is spoken to by the DevTools protocol over a pipe
// (--remote-debugging-pipe: JSON messages ended by NUL on descriptors 3 and 4), so nothing but the browser is needed.
'use strict';
const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const {spawn} = require('child_process');

const [chromium, page] = process.argv.slice(2);
const kMinute = 60_000;

class Browser {
  constructor() {
    this.profile = fs.mkdtempSync(path.join(os.tmpdir(), 'kubegate-e2e-'));
    this.process = spawn(chromium, [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
      `--user-data-dir=${this.profile}`, '--remote-debugging-pipe', 'about:blank',
    ], {stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe']});
    this.next = 1;
    this.calls = new Map();
    this.events = [];
    let rest = '';
    this.process.stdio[4].setEncoding('utf8').on('data', text => {
      const messages = (rest + text).split('\0');
      rest = messages.pop();
      messages.forEach(message => this.receive(JSON.parse(message)));
    });
    this.ended = new Promise(done => this.process.on('exit', done));
    this.ended.then(code => this.calls.forEach(call => call.reject(new Error(`the browser ended: ${code}`))));
  }

  receive(message) {
    const call = this.calls.get(message.id);
    if (!call) {
      this.events.push(message);
      return;
    }
    this.calls.delete(message.id);
    if (message.error) call.reject(new Error(message.error.message));
    else call.resolve(message.result);
  }

  send(method, params = {}) {
    const id = this.next++;
    this.process.stdio[3].write(JSON.stringify({id, method, params, sessionId: this.session}) + '\0');
    return new Promise((resolve, reject) => this.calls.set(id, {resolve, reject}));
  }

  async open(url) {
    const {targetId} = await this.send('Target.createTarget', {url: 'about:blank'});
    const {sessionId} = await this.send('Target.attachToTarget', {targetId, flatten: true});
    this.session = sessionId;
    await this.send('Runtime.enable');
    await this.send('Network.enable');
    await this.send('Page.enable');
    await this.send('Page.navigate', {url});
    await this.until(`document.readyState === 'complete' && location.protocol === 'file:'`);
  }

  async evaluate(expression) {
    const {result, exceptionDetails} =
        await this.send('Runtime.evaluate', {expression, returnByValue: true, awaitPromise: true});
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  // The page itself says when it has drawn what the expression waits for.
  until(expression) {
    return this.evaluate(`new Promise(done => {
      const look = () => (${expression}) ? done(true) : requestAnimationFrame(look);
      look();
    })`);
  }

  async click(selector) {
    const {x, y} = await this.evaluate(`(() => {
      const element = document.querySelector(${JSON.stringify(selector)});
      element.scrollIntoView({block: 'center'});
      const box = element.getBoundingClientRect();
      return {x: box.x + box.width / 2, y: box.y + box.height / 2};
    })()`);
    for (const type of ['mousePressed', 'mouseReleased']) {
      await this.send('Input.dispatchMouseEvent', {type, x, y, button: 'left', clickCount: 1});
    }
  }

  // Its children write to the profile until they have ended, too.
  async close() {
    this.process.kill();
    await this.ended;
    fs.rmSync(this.profile, {recursive: true, force: true, maxRetries: 20, retryDelay: 100});
  }
}

async function check(browser) {
  await browser.open('file://' + path.resolve(page));
  const text = selector => browser.evaluate(`document.querySelector(${JSON.stringify(selector)}).textContent`);
  const shown = () => browser.evaluate(`[...document.querySelectorAll('article')].map(a => a.textContent)`);
  const report = JSON.parse(await text('#report'));
  const total = report.errors + report.warnings;
  const counted = n => browser.until(`document.getElementById('count').textContent === '${n} of ${total} findings'`);

  assert.equal(report.unlisted, 0);
  await counted(total);
  assert.equal(await text('#verdict'), 'kubegate: refused');
  assert.equal(await text('#summary'), report.summary);
  assert.equal((await shown()).length, Math.min(total, 200));
  assert.equal(await browser.evaluate(`document.querySelectorAll('#rules tr').length`), report.rules.length + 1);
  assert.ok(await browser.evaluate(`document.querySelectorAll('pre mark').length`) > 0, 'no source line is marked');

  // By severity.
  await browser.click('#errors');
  await counted(report.warnings);
  await browser.click('#errors');
  await browser.click('#warnings');
  await counted(report.errors);
  await browser.click('#warnings');
  await counted(total);

  // By rule, with its help, and by folder; a second click takes the filter away.
  const rule = report.rules.findIndex(r => r.id === 'schema/unknown-field');
  await browser.click(`#rules button[value="${rule}"]`);
  await counted(report.rules[rule].errors + report.rules[rule].warnings);
  assert.ok((await shown()).every(found => found.includes('[schema/unknown-field]')));
  assert.ok((await text('#help')).includes(report.rules[rule].mend));
  await browser.click(`#rules button[value="${rule}"]`);
  await counted(total);
  const [folder, errors, warnings] = report.folders[0];
  await browser.click(`#folders button[value="${folder}"]`);
  await counted(errors + warnings);
  await browser.click('#clear');
  await counted(total);

  // By words.
  await browser.click('#search');
  await browser.send('Input.insertText', {text: 'unknown-FIELD replicas'});
  await browser.until(`document.getElementById('count').textContent !== '${total} of ${total} findings'`);
  const found = await shown();
  assert.ok(found.length > 0 && found.every(f => /unknown-field/.test(f) && /replicas/.test(f)), found.join('\n'));
  await browser.click('#clear');
  await counted(total);

  // Further ones are shown when asked for.
  if (total > 200) {
    await browser.click('#more');
    await browser.until(`document.querySelectorAll('article').length === ${Math.min(total, 400)}`);
  }

  // Light and dark.
  const background = () => browser.evaluate(`getComputedStyle(document.body).backgroundColor`);
  await browser.send('Emulation.setEmulatedMedia', {features: [{name: 'prefers-color-scheme', value: 'dark'}]});
  const dark = await background();
  await browser.send('Emulation.setEmulatedMedia', {features: [{name: 'prefers-color-scheme', value: 'light'}]});
  const light = await background();
  assert.notEqual(dark, light);
  await browser.click('#shade');
  assert.equal(await background(), dark);

  // It asked for nothing but itself, and its script met no error.
  const requests = browser.events.filter(e => e.method === 'Network.requestWillBeSent').map(e => e.params.request.url);
  assert.ok(requests.every(url => url.startsWith('file://') && url.endsWith(path.basename(page))), requests.join('\n'));
  const errorsMet = browser.events.filter(e => e.method === 'Runtime.exceptionThrown');
  assert.deepEqual(errorsMet, []);
}

async function main() {
  const browser = new Browser();
  const late = setTimeout(() => browser.process.kill('SIGKILL'), kMinute);
  try {
    await check(browser);
    return 0;
  } catch (error) {
    console.error(error);
    return 1;
  } finally {
    clearTimeout(late);
    await browser.close();
  }
}

main().then(code => process.exit(code));
