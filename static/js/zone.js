// Who has chosen no time zone finds the browser's own chosen; nothing is sent before they save.
{
  const zone = document.querySelector("[data-zone]");
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const said = document.querySelector("[data-zone-said]");
  if (zone && said && zone.value === "" && [...zone.options].some((option) => option.value === here)) {
    zone.value = here;
    said.querySelector("b").textContent = here.replaceAll("_", " ");
    said.hidden = false;
  }
}
