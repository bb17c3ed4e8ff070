/* global YogaGraphiQL */
{
  const { title, examples, signInUrl } = JSON.parse(document.getElementById('options').textContent);
  const [user, pasted, example, restore, hint] = ['user', 'token', 'example', 'restore', 'hint'].map((id) =>
    document.getElementById(id),
  );
  const PASTED = ' pasted';
  /** Renews a token that expires within this time. */
  const RENEWAL_MS = 60_000;
  /** Longer operations are not written into the address, because servers limit the length of a request's head. */
  const MAX_ADDRESS_LENGTH = 4000;

  /**
   * GraphiQL stores its tabs half a second after a change. A page that restores the examples must not store its own.
   */
  let isRestoring = false;
  /** GraphiQL's storage, apart from that of other playgrounds on the same port. */
  const PREFIX = 'user-service/';
  const storage = {
    getItem: (key) => localStorage.getItem(PREFIX + key),
    setItem: (key, value) => {
      if (!isRestoring) localStorage.setItem(PREFIX + key, value);
    },
    removeItem: (key) => localStorage.removeItem(PREFIX + key),
    clear: () => {
      for (const key of storedKeys()) localStorage.removeItem(key);
    },
    get length() {
      return storedKeys().length;
    },
  };
  const storedKeys = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));

  /** The token of the demo user, and the time at which it expires. */
  let token;
  /** The tabs of GraphiQL. At first, one for the address can be missing at the end. */
  let openTabs;

  async function accessToken() {
    if (user.value === PASTED) return pasted.value.trim().replace(/^Bearer +/i, '');
    if (user.value === '') return '';
    if (token === undefined || token.expiresAt < Date.now() + RENEWAL_MS) token = await signIn(user.value);
    return token.value;
  }

  async function signIn(username) {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(signInUrl, { method: 'POST', headers, body: JSON.stringify({ username }) });
    if (!response.ok) throw new Error(`The sign-in of ${username} failed with status ${response.status}.`);
    const { access_token: value, expires_in: seconds } = await response.json();
    return { value, expiresAt: Date.now() + seconds * 1000 };
  }

  /** Sends one operation. The Headers tab of the operation overrides the bar. Introspection is always anonymous. */
  async function execute({ query, variables, operationName }, options) {
    const headers = new Headers(options?.headers);
    headers.set('content-type', 'application/json');
    headers.set('accept', 'application/graphql-response+json, application/json;q=0.9');
    const username = headers.has('authorization') ? undefined : user.value;
    if (operationName === 'IntrospectionQuery') headers.delete('authorization');
    else if (!headers.has('authorization')) {
      const value = await accessToken();
      if (value !== '') headers.set('authorization', `Bearer ${value}`);
    }
    const body = JSON.stringify({ query, variables, operationName: operationName ?? undefined });
    const response = await fetch(location.pathname, { method: 'POST', headers, body });
    const text = await response.text();
    try {
      const result = JSON.parse(text);
      showHint(query, result, { hasToken: headers.has('authorization'), username });
      return result;
    } catch {
      throw new Error(`The response has status ${response.status} and is not JSON: ${text.slice(0, 200)}`);
    }
  }

  function showHint(query, { errors = [] }, sent) {
    const isRejected = errors.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED');
    if (isRejected) token = undefined;
    hint.textContent = hintFor(query, isRejected, sent);
  }

  function hintFor(query, isRejected, { hasToken, username }) {
    const named = /^# Sign in as (\w+)/.exec(query)?.[1];
    if (isRejected && hasToken) return `The token is not valid. ${remedy()}`;
    if (!hasToken) return isRejected || named !== undefined ? 'Choose a user, and run it again.' : '';
    const isOther = isDemoUser(named) && isDemoUser(username) && named !== username;
    return isOther ? `This operation is for ${named}, and you are signed in as ${username}.` : '';
  }

  function isDemoUser(name) {
    return name !== '' && name !== PASTED && [...user.options].some(({ value }) => value === name);
  }

  /** Tells how to get a valid token: a demo user gets another one by itself. */
  function remedy() {
    if (user.value === '') return 'Change it in the Headers tab.';
    return `${user.value === PASTED ? 'Paste another one' : 'Run it again'}, or choose another user.`;
  }

  /**
   * Returns the operation to begin with. GraphiQL adds a tab unless one of the stored tabs has exactly the same values.
   */
  function initialState() {
    const parameters = new URLSearchParams(location.search);
    const linked = { query: parameters.get('query'), variables: parameters.get('variables') };
    const stored = storedTabs();
    if (stored !== undefined) return initialValues(findTab(stored, linked) ?? findExample(linked) ?? linked);
    const first = findExample(linked) ?? linked;
    return { ...initialValues(first), defaultTabs: [first, ...examples.filter((each) => each !== first)] };
  }

  function storedTabs() {
    try {
      const state = JSON.parse(storage.getItem('graphiql:tabState'));
      return state.tabs.length > 0 ? state : undefined;
    } catch {
      return undefined;
    }
  }

  /** Prefers the active tab, because several tabs may have the operation. */
  function findTab({ tabs, activeTabIndex }, linked) {
    const active = tabs[activeTabIndex];
    return active !== undefined && isLinked(active, linked) ? active : tabs.find((tab) => isLinked(tab, linked));
  }

  function findExample(linked) {
    return examples.find((each) => isLinked(each, linked));
  }

  /** Returns whether a tab has an operation that is no example. */
  function isChanged({ query, variables }) {
    return Boolean(query) && findExample({ query, variables: variables ?? '' }) === undefined;
  }

  /** Returns whether an address leads to the operation. One without variables leads to any variables of its query. */
  function isLinked(operation, { query, variables }) {
    if (query === null) return true;
    return operation.query === query && (variables === null || (operation.variables ?? '') === variables);
  }

  function initialValues({ query, variables }) {
    return { initialQuery: query ?? '', initialVariables: variables ?? '', initialHeaders: '' };
  }

  /** Writes the operation of the tab into the address, so that it can be shared and survives a reload. */
  function writeAddress({ query, variables }) {
    const search = `?${new URLSearchParams({ query: query ?? '', ...(variables && { variables }) })}`;
    const isShort = Boolean(query) && search.length <= MAX_ADDRESS_LENGTH;
    const address = location.pathname + (isShort ? search : '');
    if (address !== location.pathname + location.search) history.replaceState({}, '', address);
  }

  function addExamples() {
    for (const [index, { query }] of examples.entries()) {
      const [, name] = /^(?:query|mutation) +(\w+)/m.exec(query) ?? [];
      example.add(new Option(name, index));
    }
  }

  /** Opens the tab of the chosen example. GraphiQL adds a tab at the start of the page only. */
  function openExample() {
    const { query } = examples[example.value];
    const index = openTabs.findIndex((tab) => tab.query === query);
    if (index >= 0) document.getElementById(`graphiql-session-tab-${index}`).click();
    else location.assign(`${location.pathname}?${new URLSearchParams({ query })}`);
  }

  /** Shows the active tab in the list of examples, and in the row of tabs, which can be wider than the page. */
  function showTab({ query }) {
    example.value = examples.findIndex((each) => each.query === query);
    requestAnimationFrame(scrollToTab);
  }

  function scrollToTab() {
    const tab = document.querySelector('.graphiql-tab-active');
    if (tab === null) requestAnimationFrame(scrollToTab);
    else tab.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  async function addUsers() {
    const response = await fetch(signInUrl);
    const { users } = await response.json();
    for (const { username, description } of users) user.add(new Option(`${username} (${description})`, username));
  }

  /** Restores the choice of this browser tab. A token that was pasted is not kept longer than that. */
  function restoreUser() {
    user.add(new Option('a token of yours', PASTED));
    pasted.value = sessionStorage.getItem('token') ?? '';
    user.value = sessionStorage.getItem('user') ?? '';
    if (user.selectedIndex < 0) user.value = '';
    pasted.hidden = user.value !== PASTED;
  }

  function showMissingSignIn() {
    hint.textContent = `No sign-in at ${signInUrl}: paste a token.`;
  }

  function changeUser() {
    token = undefined;
    hint.textContent = '';
    sessionStorage.setItem('user', user.value);
    pasted.hidden = user.value !== PASTED;
    if (!pasted.hidden) pasted.focus();
  }

  function restoreExamples() {
    const question = 'Close all tabs and open the examples? The operations of your own tabs and your edits are lost.';
    if (openTabs.some(isChanged) && !confirm(question)) return;
    isRestoring = true;
    storage.clear();
    location.replace(location.pathname);
  }

  user.addEventListener('change', changeUser);
  pasted.addEventListener('input', () => sessionStorage.setItem('token', pasted.value));
  restore.addEventListener('click', restoreExamples);
  addExamples();
  example.addEventListener('change', openExample);
  const users = signInUrl === undefined ? Promise.resolve() : addUsers();
  users.catch(showMissingSignIn).then(restoreUser);

  const initial = initialState();
  openTabs = initial.defaultTabs ?? storedTabs().tabs;
  /** The tab that the page has shown last. */
  let shown = { id: undefined, query: initial.initialQuery };
  showTab(shown);
  YogaGraphiQL.renderYogaGraphiQL(document.getElementById('root'), {
    title,
    fetcher: execute,
    storage,
    ...initial,
    onTabChange: ({ tabs, activeTabIndex }) => {
      openTabs = tabs;
      const active = tabs[activeTabIndex];
      writeAddress(active);
      if (active.id !== shown.id || active.query !== shown.query) showTab(active);
      shown = active;
    },
    defaultEditorToolsVisibility: 'variables',
    shouldPersistHeaders: false,
    showPersistHeadersSettings: false,
  });
}
