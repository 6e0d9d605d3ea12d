// What a script can judge of how a page looks: contrast, names, movement.

/** Every visible text whose contrast with what lies behind it is under `least`. Runs in the page. */
export function poorContrast(least) {
  const parse = (color) => {
    const canvas = (window.contrastCanvas ??= Object.assign(document.createElement('canvas'), { width: 1, height: 1 }));
    const pen = canvas.getContext('2d', { willReadFrequently: true });
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = color;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return { r, g, b, a: a / 255 };
  };
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a),
    g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a),
    a: 1,
  });
  const background = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(parse(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), { r: 255, g: 255, b: 255, a: 1 });
  };
  const luminance = ({ r, g, b }) => {
    const [R, G, B] = [r, g, b].map((value) =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * R + 0.7152 * G + 0.0722 * B;
  };
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const text = own
      ? element.textContent.trim()
      : element.placeholder && !element.value
        ? element.placeholder
        : (element.value ?? '');
    if (!text || typeof text !== 'string' || ['SCRIPT', 'NOSCRIPT', 'STYLE', 'CANVAS'].includes(element.tagName))
      continue;
    if (!element.checkVisibility({ visibilityProperty: true }) || element.closest('noscript, .visually-hidden, .skip'))
      continue;
    const behind = background(element);
    const color = own
      ? getComputedStyle(element).color
      : getComputedStyle(element, element.value ? null : '::placeholder').color;
    const [light, dark] = [luminance(over(parse(color), behind)), luminance(behind)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < least)
      found.push(`${element.id || element.className || element.tagName} "${text.slice(0, 30)}" ${ratio.toFixed(2)}`);
  }
  return found;
}

/** Controls without a name, images without a text, ids that stand twice, references that lead nowhere. */
export function poorNames() {
  const found = [];
  const nameOf = (element) => {
    const labelled = (element.getAttribute('aria-labelledby') ?? '')
      .split(' ')
      .filter(Boolean)
      .map((id) => document.getElementById(id)?.textContent ?? '');
    return [
      element.getAttribute('aria-label') ?? '',
      ...labelled,
      ...[...(element.labels ?? [])].map((label) => label.textContent),
      element.tagName === 'BUTTON' || element.tagName === 'A' ? element.textContent : '',
    ]
      .join(' ')
      .trim();
  };
  for (const element of document.querySelectorAll('button, a, input, select, textarea, dialog, [role]')) {
    if (!['status', 'alert'].includes(element.getAttribute('role')) && !nameOf(element))
      found.push(`no name: ${element.outerHTML.slice(0, 80)}`);
  }
  for (const svg of document.querySelectorAll('svg, canvas')) {
    if (!svg.closest('[aria-hidden="true"]')) found.push(`not hidden from readers: ${svg.outerHTML.slice(0, 60)}`);
  }
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of ids.filter((one, index) => ids.indexOf(one) !== index)) found.push(`twice: #${id}`);
  for (const attribute of ['aria-labelledby', 'aria-describedby', 'for']) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) {
      for (const id of element.getAttribute(attribute).split(' '))
        if (!ids.includes(id)) found.push(`${attribute} to nowhere: ${id}`);
    }
  }
  return found;
}

/** Counts what moved without the visitor having done anything; call before, read `window.shifted` after. */
export function watchShifts() {
  window.shifted = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      window.shifted.push({
        value: entry.value,
        what: entry.sources.map(({ node }) => node?.id || node?.className || node?.nodeName),
      });
    }
  }).observe({ type: 'layout-shift', buffered: true });
}
