#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Each series of patches fits, without fuzz, each kernel source that is in the cache; nothing is built.
# `sptest kernels build mutants-6.12` brings a source there.

setup() {
	source=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	sources=${XDG_CACHE_HOME:-$HOME/.cache}/sptest/sources
	patches=$source/kernel-config/patches
}

# tarballs VERSION: those in the cache.
tarballs() {
	compgen -G "$sources/linux-source-$1_*.tar.xz"
}

# series NAME VERSION: its patches in order; one in the folder of the version goes before the common one.
series() {
	local file

	for file in "$patches/$1"/*.patch; do
		[[ -e $patches/$1/$2/${file##*/} ]] && file=$patches/$1/$2/${file##*/}
		echo "$file"
	done
}

# fits NAME VERSION TARBALL: only the files that the patches name are unpacked.
fits() {
	local -a files patch
	local tree=$BATS_TEST_TMPDIR/$2 file

	mapfile -t patch < <(series "$1" "$2")
	mapfile -t files < <(sed -n 's,^--- a/\([^[:space:]]*\).*,*/\1,p' "${patch[@]}" | sort -u)
	mkdir -p "$tree"
	tar -xf "$3" -C "$tree" --strip-components 1 --wildcards "${files[@]}" 2>/dev/null || true
	for file in "${patch[@]}"; do
		patch -d "$tree" -p1 -F0 -s --no-backup-if-mismatch <"$file" ||
			{ echo "${file#"$patches/"} does not fit ${3##*/}"; return 1; }
	done
	echo "# $1: ${#patch[@]} patches fit ${3##*/}" >&3
}

applies() {
	local tarball

	tarball=$(tarballs "$1") || skip "no linux-source-$1 in the cache: sptest kernels build mutants-$1 brings it"
	fits mutants "$1" "${tarball%%$'\n'*}"
}

@test "the mutants fit 6.1" {
	applies 6.1
}

@test "the mutants fit 6.12" {
	applies 6.12
}

@test "the mutants fit 7.3" {
	applies 7.3
}
