#!/usr/bin/env python3
"""Makes the pictures of samples/ from the photographs of Debian's python3-skimage: NAME.jpg, and NAME.output.jpg with the
annotations of NAME.json drawn over it. Needs python3-skimage and python3-pil; run it after a change of an annotation, and look
at every NAME.output.jpg: the drawn annotations are how the sidecars are checked."""
import json
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

DATA = Path("/usr/lib/python3/dist-packages/skimage/data")
SAMPLES = Path(__file__).resolve().parent.parent / "samples"
PHOTOS = {
    "astronaut": "astronaut.png",
    "cameraman": "camera.png",
    "cat": "chelsea.png",
    "clock": "clock_motion.png",
    "coffee": "coffee.png",
    "coins": "coins.png",
    "rocket": "rocket.jpg",
}
COLORS = ["#00e5ff", "#ffea00", "#76ff03", "#ff4081", "#ff9100", "#b388ff", "#ffffff"]
MAX_BYTES = 60 * 1024


def main():
    for name, file in PHOTOS.items():
        photo = Image.open(DATA / file).convert("RGB")
        image = json.loads((SAMPLES / f"{name}.json").read_text())["images"][0]
        save(photo, SAMPLES / f"{name}.jpg")
        save(draw(photo, image), SAMPLES / f"{name}.output.jpg")


def draw(photo, image):
    output = photo.copy()
    pen = ImageDraw.Draw(output)
    boxes = [a for kind in ("objectDetections", "instanceSegmentations", "keypoints") for a in image.get(kind, [])]
    classes = list(dict.fromkeys(a["class"] for a in boxes))
    for a in boxes:
        color = COLORS[classes.index(a["class"]) % len(COLORS)]
        left, top = a["x"] - a["width"] / 2, a["y"] - a["height"] / 2
        right, bottom = left + a["width"], top + a["height"]
        if "points" in a:
            pen.line([tuple(p) for p in a["points"] + a["points"][:1]], fill=color, width=2)
        else:
            pen.rectangle((left, top, right - 1, bottom - 1), outline=color, width=2)
        for point in a.get("keypoints", []):
            x, y = point["x"], point["y"]
            pen.ellipse((x - 3, y - 3, x + 3, y + 3), fill=color, outline="black")
            tag(pen, x + 6, y - 5, str(point["id"]), color)
        # Above its box, so that a small box does not vanish under its own label.
        tag(pen, left, top - 13 if top >= 13 else top + 2, f'{a["class"]} {a["confidence"]:.2f}', color, photo.width)
    for i, c in enumerate(image.get("classifications", [])):
        tag(pen, 6, photo.height - 18 - 14 * i, f'{c["class"]} {c["confidence"]:.2f}', "#ffffff")
    return output


def tag(pen, x, y, text, color, width=None):
    font = ImageFont.load_default()
    x = min(x, width - pen.textlength(text, font=font)) if width else x
    pen.rectangle(pen.textbbox((x, y), text, font=font), fill="black")
    pen.text((x, y), text, font=font, fill=color)


def save(image, path):
    for quality in (88, 80, 72, 64, 56):
        image.save(path, "JPEG", quality=quality, optimize=True)
        if path.stat().st_size <= MAX_BYTES:
            return
    sys.exit(f"{path} does not fit into {MAX_BYTES} bytes")


if __name__ == "__main__":
    main()
