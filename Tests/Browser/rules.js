// Rules of accessibility and layout, evaluated in the page. Returns a list of faults.
(() => {
    const faults = [];
    const fault = (text, element) => {
        const start = element ? " at " + element.outerHTML.slice(0, 120) : "";
        if (faults.length < 50) faults.push(text + start);
    };
    const all = (selector) => Array.from(document.querySelectorAll(selector));
    const isShown = (element) => {
        const style = getComputedStyle(element);
        return element.getClientRects().length > 0 && style.visibility === "visible";
    };

    if (!document.documentElement.lang) fault("the page has no language");
    if (!document.title) fault("the page has no title");
    if (all("main").length !== 1) fault("the page needs one main landmark");
    if (all("script, iframe, object, embed, link[rel=stylesheet], img:not([src^='data:'])").length)
        fault("the page loads something");
    for (const element of all("*"))
        for (const name of element.getAttributeNames())
            if (name.startsWith("on") || name === "style") fault("attribute " + name, element);

    const headings = all("h1, h2, h3, h4, h5, h6").filter(isShown);
    if (headings.filter((heading) => heading.tagName === "H1").length !== 1)
        fault("the page needs one h1");
    let level = 0;
    for (const heading of headings) {
        const next = Number(heading.tagName[1]);
        if (next > level + 1) fault("a heading level is skipped", heading);
        if (!heading.textContent.trim()) fault("an empty heading", heading);
        level = next;
    }

    const ids = new Set();
    for (const element of all("[id]")) {
        if (ids.has(element.id)) fault("an id occurs twice", element);
        ids.add(element.id);
    }
    for (const table of all("table").filter(isShown)) {
        if (!table.caption) fault("a table without a caption", table);
        if (table.querySelector("th:not([scope])")) fault("a header without a scope", table);
        if (!table.querySelector("th")) fault("a table without headers", table);
    }
    for (const drawing of all("svg").filter(isShown)) {
        const isHidden = drawing.getAttribute("aria-hidden") === "true";
        const isNamed = drawing.getAttribute("role") === "img" &&
            (drawing.getAttribute("aria-label") || drawing.querySelector("title"));
        if (!isHidden && !isNamed) fault("a drawing without a name", drawing);
    }
    for (const field of all("input:not([type=hidden]), select, textarea").filter(isShown))
        if (!field.labels.length && !field.getAttribute("aria-label"))
            fault("a field without a label", field);
    for (const link of all("a[href], button").filter(isShown))
        if (!link.textContent.trim() && !link.getAttribute("aria-label"))
            fault("a link without text", link);

    const width = document.documentElement.clientWidth;
    if (document.scrollingElement.scrollWidth > width)
        fault("the page is wider than the window: " + document.scrollingElement.scrollWidth);

    // WCAG 2.1, 1.4.3: a contrast of 4.5, or 3 for large text.
    const channels = (text) => (text.match(/[\d.]+/g) || []).map(Number);
    const luminance = (color) => {
        const [r, g, b] = color.slice(0, 3).map((value) => {
            const part = value / 255;
            return part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const over = (top, below) => {
        const alpha = top.length > 3 ? top[3] : 1;
        return [0, 1, 2].map((at) => top[at] * alpha + below[at] * (1 - alpha));
    };
    const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
    const background = (element) => {
        if (!element) return isDark ? [18, 18, 18] : [255, 255, 255];
        const color = channels(getComputedStyle(element).backgroundColor);
        if (color.length > 3 && color[3] === 0) return background(element.parentElement);
        return over(color, background(element.parentElement));
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !isShown(element)) continue;
        if (element.closest("svg, style, option")) continue;
        const style = getComputedStyle(element);
        const below = background(element);
        const color = over(channels(style.color), below);
        const [light, dark] = [luminance(color), luminance(below)].sort((a, b) => b - a);
        const ratio = (light + 0.05) / (dark + 0.05);
        const size = parseFloat(style.fontSize);
        const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        if (ratio < (isLarge ? 3 : 4.5)) fault("contrast " + ratio.toFixed(2), element);
        if (size < 11) fault("text of " + size + " px", element);
    }
    return faults;
})()
