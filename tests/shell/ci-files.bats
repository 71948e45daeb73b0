#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# ci/github and ci/gitlab: are the files what these take? Their jobs are made of sptest matrix --plan; no machine is started.

# stderr is set by run --separate-stderr.
# shellcheck disable=SC2154
bats_require_minimum_version 1.5.0

setup() {
	source=$(realpath "${SPTEST_SOURCE:-$BATS_TEST_DIRNAME/../..}")
	workflow=$source/ci/github/sptest.yml
	cd "$BATS_TEST_TMPDIR" || return
}

# plan COUNT: as sptest matrix --plan --json, and a cell that is done, and one of another suite.
plan() {
	jq -n --argjson count "$1" '[range($count) | {kernel: "6.\(.)", mmu: "tdp", suite: "check", state: "to do", command: "c"}] +
		[{kernel: "k", mmu: "tdp", suite: "check", state: "ok"}, {kernel: "k", mmu: "tdp", suite: "mutants", state: "to do"}]'
}

# check_workflow FILE: what a linter of workflows looks for, as far as this one goes; a line for each problem.
check_workflow() {
	local keys path

	keys=$(plan 1 | "$source/ci/github/cells" | jq -r '.[0] | keys | join(" ")')
	awk -v keys=" $keys " '
		function complain(text) { print "line " NR ": " text; bad = 1 }
		function end_step() { if (in_step && !does) complain("a step that neither runs nor uses anything"); in_step = 0 }
		function end_job() {
			end_step()
			if (job && !(job in machine)) complain("job " job " without runs-on")
			if (job && !(job in steps)) complain("job " job " without steps")
		}
		/\t/ { complain("a tab") }
		/^jobs:$/ { in_jobs = 1; next }
		/^on:$/ { triggers = 1 }
		/^[a-z]/ { in_jobs = 0 }
		in_jobs && /^  [a-z-]+:$/ { end_job(); job = $1; sub(/:$/, "", job); jobs[job] = 1; next }
		!job { next }
		/^    runs-on: ./ { machine[job] = 1 }
		/^    steps:$/ { steps[job] = 1 }
		/^    needs: / {
			text = $0; gsub(/.*needs: |[][,]/, " ", text); n = split(text, words, " ")
			for (i = 1; i <= n; i++) {
				if (!(words[i] in jobs) || words[i] == job) complain("needs " words[i] ", which is no job before it")
				needed[job, words[i]] = 1
			}
		}
		/^      [a-z]+: .*steps\.[a-z]+\.outputs\./ {
			name = $1; sub(/:$/, "", name); outputs[job, name] = 1
			id = $0; sub(/.*steps\./, "", id); sub(/\..*/, "", id); wanted[id] = job
			key = $0; sub(/.*outputs\./, "", key); sub(/[ }].*/, "", key); keyed[key] = 1
		}
		/^      - / { end_step(); in_step = 1; does = 0 }
		/^      (- |  )(run|uses): ?./ { does = 1 }
		/uses: / && !/@v[0-9]+$/ { complain("an action without a version") }
		/^      (- |  )id: / { id = $NF; delete wanted[id] }
		/needs\.[a-z]+\.outputs\./ {
			from = $0; sub(/.*needs\./, "", from); name = from; sub(/\..*/, "", from)
			sub(/.*outputs\./, "", name); sub(/[^a-z].*/, "", name)
			if (!((job, from) in needed)) complain("an output of " from ", which it does not need")
			if (!((from, name) in outputs)) complain("no output " name " of " from)
		}
		/\$\{\{ matrix\./ {
			name = $0; sub(/.*matrix\./, "", name); sub(/[^a-z].*/, "", name)
			if (!index(keys, " " name " ")) complain("no " name " in a cell")
		}
		{ for (key in keyed) if (index($0, "echo \"" key "=")) delete keyed[key] }
		{ opened = gsub(/\$\{\{/, "&"); closed = gsub(/\}\}/, "&"); if (opened != closed) complain("braces") }
		END {
			end_job()
			for (id in wanted) complain("no step " id " in job " wanted[id])
			for (key in keyed) complain("nobody sets the output " key)
			if (!triggers || !length(jobs)) complain("no trigger, or no job")
			exit bad
		}' "$1" || return 1
	grep -o '\bci/[a-z/-]*' "$1" | sort -u | while read -r path; do
		[[ -x $source/$path ]] || { echo "there is no $path"; return 1; }
	done
}

@test "the matrix of GitHub is never empty nor too large" {
	run --separate-stderr "$source/ci/github/cells" < <(plan 256)
	[ "$status" -eq 0 ]
	[ "$(jq -c '[length, .[0], .[255].kernel]' <<<"$output")" = '[256,{"kernel":"6.0","mmu":"tdp"},"6.255"]' ]
	[ "${#lines[@]}" -eq 1 ]
	run --separate-stderr "$source/ci/github/cells" < <(plan 257)
	[ "$status" -eq 2 ]
	[[ -z $output && $stderr == "cells: 257 jobs, GitHub takes 256"* && $stderr != *$'\n'* ]]
	run --separate-stderr "$source/ci/github/cells" < <(plan 0)
	[ "$status" -eq 4 ]
	[[ -z $output && $stderr == "cells: nothing to run: "* && $stderr != *$'\n'* ]]
	run "$source/ci/github/cells" <<<'[{'
	[ "$status" -ne 0 ]
}

@test "so is that of GitLab" {
	[ "$(plan 200 | "$source/ci/gitlab/pipeline" | jq '.cell.parallel.matrix | length')" -eq 200 ]
	run --separate-stderr "$source/ci/gitlab/pipeline" < <(plan 201)
	[ "$status" -eq 2 ]
	[[ -z $output && $stderr == "pipeline: 201 jobs, GitLab takes 200"* && $stderr != *$'\n'* ]]
	[ "$(plan 0 | "$source/ci/gitlab/pipeline" | jq -c '[has("cell"), (.merge.script | length > 0)]')" = '[false,true]' ]
}

@test "the workflow is sound" {
	run check_workflow "$workflow"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "a broken workflow is not" {
	while IFS= read -r change; do
		sed "$change" "$workflow" >broken.yml
		! cmp -s "$workflow" broken.yml || { echo "$change changes nothing"; false; }
		run check_workflow broken.yml
		[ "$status" -ne 0 ] || { echo "$change is not seen"; false; }
	done <<-'EOF'
		s/needs: plan$/needs: plam/
		s/needs: \[plan, cell\]/needs: [plan, cells]/
		/^    needs: plan$/d
		0,/runs-on/{/runs-on/d}
		s/id: plan/id: plam/
		s/echo "cells=/echo "cell=/
		s/outputs.cells) }}/outputs.cell) }}/
		s/matrix.kernel }}/matrix.kernels }}/
		s/matrix.mmu }}/matrix.mmu }/
		s/checkout@v4/checkout/
		s|ci/github/cells|ci/github/cell|
		s/^    steps:$/    step:/
		s/uses: actions.upload-artifact@v4/with: x/
		s/^jobs:/job:/
		s/^  cell:/	cell:/
	EOF
}

@test "the files are sound YAML" {
	command -v yamllint || skip "no yamllint: ci/setup engines installs it"
	local rules='{extends: relaxed, rules: {line-length: disable, truthy: disable, document-start: disable}}'

	yamllint --strict -d "$rules" "$workflow" "$source/ci/gitlab/.gitlab-ci.yml"
	plan 3 | "$source/ci/gitlab/pipeline" >pipeline.yml
	yamllint -d '{rules: {key-duplicates: enable}}' pipeline.yml
	sed 's/^    runs-on/   runs-on/' "$workflow" >broken.yml
	run ! yamllint --strict -d "$rules" broken.yml
}

@test "GitLab's first file starts what the pipeline is" {
	file=$source/ci/gitlab/.gitlab-ci.yml
	artifact=$(sed -n 's/^ *- artifact: //p' "$file")
	grep -q "ci/gitlab/pipeline <plan.json >$artifact\$" "$file"
	grep -q "^    paths: \[.*$artifact.*\]\$" "$file"
	job=$(sed -n 's/^ *job: //p' "$file")
	grep -qx "$job:" "$file"
	sed -n 's/^  stage: //p' "$file" | while read -r stage; do
		grep -q "^stages: \[.*\b$stage\b.*\]\$" "$file" || exit 1
	done
}
