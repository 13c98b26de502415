// Runs before the first paint. If the server set no colour scheme, use the chosen one or the system's.
(function () {
  const root = document.documentElement;
  if (root.hasAttribute("data-bs-theme")) return;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => (/(?:^|; )theme=(light|dark)/.exec(document.cookie) || [])[1];
  const follow = () => root.setAttribute("data-bs-theme", chosen() || (dark.matches ? "dark" : "light"));
  follow();
  dark.addEventListener("change", follow);
})();
