// A file may be dropped anywhere on its panel; one that is too large is named before it is sent.
const drop = document.querySelector(".drop");
if (drop) {
  const field = drop.querySelector("input[type=file]");
  const problem = document.getElementById("drop-problem");
  drop.querySelector(".drop__hint").hidden = false;

  const check = () => {
    const file = field.files[0];
    const tooLarge = Boolean(file) && file.size > Number(drop.dataset.most);
    problem.textContent = tooLarge ? `${file.name} is larger than 5 MB. Pack it with gzip, or export the list alone.` : "";
    problem.hidden = !tooLarge;
    drop.querySelector("button").disabled = tooLarge;
  };
  field.addEventListener("change", check);

  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("drop--over"); });
  }
  drop.addEventListener("dragleave", (event) => {
    if (!drop.contains(event.relatedTarget)) drop.classList.remove("drop--over");
  });
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("drop--over");
    if (!event.dataTransfer.files.length) return;
    field.files = event.dataTransfer.files;
    check();
    drop.querySelector("button").focus();
  });
}
