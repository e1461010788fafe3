// Runs before the first paint: the chosen scheme, or the system's.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => { try { return localStorage.getItem("fleet-scheme"); } catch { return null; } };
  const isDark = () => (chosen() ?? (system.matches ? "dark" : "light")) === "dark";
  const show = () => { document.documentElement.dataset.theme = isDark() ? "dark" : "light"; return isDark(); };
  show();
  window.fleetScheme = {
    isDark,
    toggle() {
      const next = isDark() ? "light" : "dark";
      // Choosing what the system says anyway means: follow the system again.
      const follow = (next === "dark") === system.matches;
      try { follow ? localStorage.removeItem("fleet-scheme") : localStorage.setItem("fleet-scheme", next); } catch { /* private mode: lasts until reload */ }
      document.documentElement.dataset.theme = next;
      return next === "dark";
    },
    onSystemChange(callback) { system.addEventListener("change", () => callback(show())); },
  };
})();
