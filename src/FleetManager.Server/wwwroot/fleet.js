// The little that a page needs the browser itself for.
(() => {
  let skew = 0; // server clock minus browser clock, ms: ages are counted by the server's clock

  window.fleet = {
    connect(serverNow, dotnet) {
      skew = serverNow - Date.now();
      fleetScheme.onSystemChange(dark => dotnet.invokeMethodAsync("SetScheme", dark).catch(() => {}));
      return { dark: fleetScheme.isDark(), zone: Intl.DateTimeFormat().resolvedOptions().timeZone };
    },
    toggleScheme: () => fleetScheme.toggle(),
    // Natural size of an image in pixels; null when it can not be had.
    sizeOf: url => new Promise(resolve => {
      const image = new Image();
      image.onload = () => resolve({ width: image.naturalWidth, height: image.naturalHeight });
      image.onerror = () => resolve(null);
      image.src = url;
    }),
    // Typed but not saved: survives a reload of this tab, and nothing else.
    keep(key, text) {
      try { text === null ? sessionStorage.removeItem(key) : sessionStorage.setItem(key, text); } catch { /* private mode: not kept */ }
    },
    kept(key) { try { return sessionStorage.getItem(key); } catch { return null; } },
    focus: selector => document.querySelector(selector)?.focus(),
    async copy(text) {
      try { await navigator.clipboard.writeText(text); return true; } catch { return false; }
    },
  };

  const age = seconds => {
    if (seconds < 1) return "now";
    if (seconds < 60) return `${Math.floor(seconds)} s ago`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
    if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h ago`;
    return `${Math.floor(seconds / 86400)} days ago`;
  };

  const ages = new Set();
  class FleetAge extends HTMLElement {
    static observedAttributes = ["at"];
    connectedCallback() { ages.add(this); this.show(); }
    disconnectedCallback() { ages.delete(this); }
    attributeChangedCallback() { this.show(); }
    show() {
      const text = age((Date.now() + skew - Number(this.getAttribute("at"))) / 1000);
      if (this.textContent !== text) this.textContent = text;
    }
  }
  customElements.define("fleet-age", FleetAge);
  setInterval(() => ages.forEach(a => a.show()), 1000);

  const dialog = document.getElementById("components-reconnect-modal");
  const text = dialog.querySelector("[data-text]");
  const reload = dialog.querySelector("[data-reload]");
  reload.addEventListener("click", () => location.reload());
  dialog.addEventListener("cancel", e => e.preventDefault());
  dialog.addEventListener("components-reconnect-state-changed", e => {
    switch (e.detail.state) {
      case "show":
        text.textContent = "The connection to the server was lost. This page goes on by itself when it is back.";
        if (!dialog.open) dialog.showModal();
        break;
      case "hide":
        dialog.close();
        break;
      case "failed":
        text.textContent = "The server could not be reached for a long time.";
        reload.hidden = false;
        break;
      case "rejected":
        // The server was started anew and does not know this page: only a fresh one can go on. What was typed is kept, see keep().
        location.reload();
        break;
    }
  });

  Blazor.start({
    circuit: {
      reconnectionOptions: {
        maxRetries: 10000,
        // At once, then slower and slower, so that a fleet of open tabs does not storm a server that comes up.
        retryIntervalMilliseconds: attempt => attempt === 0 ? 0 : Math.min(500 * 1.5 ** attempt, 5000) * (0.75 + Math.random() / 2),
      },
    },
  });
})();
