#!/bin/sh
# Speaks the catalogues into the files that the exchange carries: LANG.txt to
# LANG/NAME.ul (G.711 µ-law, 8 kHz) and LANG/NAME.g722 (16 kHz), both without
# a header. Needs Debian's espeak-ng and sox, and Go for the encoders. The
# result is committed; run it again after a change to a catalogue.
set -eu
cd "$(dirname "$0")"
for tool in espeak-ng sox go; do
	command -v "$tool" >/dev/null || { echo "$tool is missing: apt-get install espeak-ng sox" >&2; exit 1; }
done
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
go build -o "$tmp/pack" pack.go
for catalogue in *.txt; do
	lang=${catalogue%.txt}
	case $lang in
	en) voice=en-us ;;
	*) voice=$lang ;;
	esac
	mkdir "$tmp/$lang"
	grep -v '^#' "$catalogue" | while IFS=: read -r name text; do
		[ -n "$name" ] || continue
		espeak-ng -v "$voice" -s 155 -p 42 -w "$tmp/raw.wav" -- "$text"
		# Cut the silence at both ends, bring all to one level, leave a breath.
		for rate in 8000 16000; do
			sox -D "$tmp/raw.wav" -b 16 -c 1 "$tmp/$rate.wav" \
				highpass 100 rate -h "$rate" \
				silence 1 0.01 0.5% reverse silence 1 0.01 0.5% fade t 0.01 reverse \
				fade t 0.005 norm -5 pad 0.02 0.06
		done
		"$tmp/pack" "$tmp/8000.wav" "$tmp/$lang/$name.ul"
		"$tmp/pack" "$tmp/16000.wav" "$tmp/$lang/$name.g722"
	done
	rm -rf "$lang"
	mv "$tmp/$lang" "$lang"
	chmod 755 "$lang"
done
