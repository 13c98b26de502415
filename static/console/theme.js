// Runs before the first paint: the chosen size of text; the chosen color scheme or the system's, unless the server set one.
(function () {
  const root = document.documentElement;
  if (/(?:^|; )size=large/.test(document.cookie)) root.setAttribute("data-size", "large");
  if (root.hasAttribute("data-bs-theme")) return;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => (/(?:^|; )theme=(light|dark)/.exec(document.cookie) || [])[1];
  const follow = () => root.setAttribute("data-bs-theme", chosen() || (dark.matches ? "dark" : "light"));
  follow();
  dark.addEventListener("change", follow);
})();
