// Asks at once for what a pointer chooses, and leaves out of the address what was not chosen. Keys go through the choices
// one by one: there, and without this file, the button asks.
const form = document.querySelector("form.filters");

if (form) {
  let pointed = false;
  form.addEventListener("pointerdown", () => (pointed = true));
  form.addEventListener("keydown", () => (pointed = false));
  form.addEventListener("change", (event) => {
    if (pointed && event.target.matches("select")) form.requestSubmit();
  });
  form.addEventListener("submit", () => {
    for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
  });
  // Whoever comes back to this page can choose again.
  addEventListener("pageshow", () => {
    for (const field of form.elements) field.disabled = false;
  });
}
