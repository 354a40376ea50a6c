/**
 * What runs in the reader's browser: a switch between light and dark, and the arrow keys between pages. Everything else
 * works without it.
 */

type Choice = "light" | "dark";
const key = "quest-theme";

/** Storage may be refused, as it is for some pages opened from a file. */
function remembered(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(choice: Choice): void {
  try {
    localStorage.setItem(key, choice);
  } catch {
    // The choice then lasts as long as the page.
  }
}

const root = document.documentElement;
const prefersDark = matchMedia("(prefers-color-scheme: dark)");

function current(): Choice {
  const chosen = root.dataset["theme"];
  if (chosen === "light" || chosen === "dark") return chosen;
  return prefersDark.matches ? "dark" : "light";
}

function addThemeSwitch(): void {
  const button = document.createElement("button");
  const show = (): void => {
    button.textContent = current() === "dark" ? "Light" : "Dark";
    button.setAttribute("aria-label",
      `Switch to ${current() === "dark" ? "light" : "dark"} colours`);
  };
  button.type = "button";
  button.addEventListener("click", () => {
    const choice = current() === "dark" ? "light" : "dark";
    root.dataset["theme"] = choice;
    remember(choice);
    show();
  });
  prefersDark.addEventListener("change", show);
  show();
  document.getElementById("page:tools")?.append(button);
}

/** Left and right turn the page, unless the keys mean something where the focus is. */
function turnPage(event: KeyboardEvent): void {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (
    event.target instanceof Element
    && event.target.closest("pre, .scroll, input, textarea, select, summary")
  )
    return;
  const relation = event.key === "ArrowLeft" ? "prev"
    : event.key === "ArrowRight" ? "next" : undefined;
  const link = relation
    && document.querySelector<HTMLLinkElement>(`link[rel="${relation}"]`);
  if (link) location.href = link.href;
}

const theme = remembered();
if (theme === "light" || theme === "dark") root.dataset["theme"] = theme;
addEventListener("DOMContentLoaded", addThemeSwitch);
addEventListener("keydown", turnPage);
