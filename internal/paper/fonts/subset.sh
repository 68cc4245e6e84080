#!/bin/sh
# Makes the four subsets of Tinos that every printed record embeds.
# Needs Debian's fonts-croscore (Tinos), fonttools (pyftsubset) and python3-brotli (woff2).
# Run from any folder; writes beside itself. The results are committed: run it
# again only to change the letters, and look at a printed page afterwards.
set -eu
cd "$(dirname "$0")"
source_dir="${TINOS_DIR:-/usr/share/fonts/truetype/croscore}"

# ASCII · Latin-1 · Latin Extended-A and the few of Extended-B that the
# minority languages of the Central Highlands use (ĕ ĭ ŏ ŭ ƀ č ñ) and ơ ư ·
# combining marks · the Vietnamese letters · spaces, hyphens, dashes, quotes,
# bullet, ellipsis, primes · superscript and đồng sign · №  ← ↑ → ↓ · − ≈ ≠ ≤ ≥
letters='U+0020-007E,U+00A0-017F,U+0180,U+0189,U+01A0,U+01A1,U+01AF,U+01B0,U+01CD-01D4,U+0243,U+0300-0304,U+0306,U+0309,U+031B,U+0323,U+1EA0-1EF9,U+2009,U+2010-2015,U+2018-201E,U+2022,U+2026,U+202F,U+2032,U+2033,U+2074,U+20AB,U+20AC,U+2116,U+2190-2193,U+2212,U+2248,U+2260,U+2264,U+2265'

for style in Regular Bold Italic BoldItalic; do
	pyftsubset "$source_dir/Tinos-$style.ttf" \
		--unicodes="$letters" \
		--layout-features='ccmp,kern,locl,mark,mkmk' \
		--no-hinting --desubroutinize \
		--name-IDs='0,1,2,3,4,5,6,13,14' \
		--flavor=woff2 \
		--output-file="Tinos-$style.woff2"
done
