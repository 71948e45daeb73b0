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

# gitlab_problems: a line for each thing in a pipeline, as JSON, that is none of the keywords of GitLab's "CI/CD YAML
# syntax reference" (docs.gitlab.com/ci/yaml), or of another type or value than that says.
gitlab_problems() {
	jq -r '
		def words: split(" ");
		def only($where; $known): (keys - ($known | words))[] | "\($where): \(.) is no keyword";
		def lines: type == "array" and length > 0 and all(.[]; type == "string");
		def wrong($where; $what): "\($where): \($what)";
		def artifacts($where):
			only($where; "paths exclude expire_in expose_as name public access reports untracked when"),
			(select(has("paths") and (.paths | lines | not)) | wrong($where; "paths")),
			(select(has("when") and (.when | IN("on_success", "on_failure", "always") | not)) | wrong($where; "when")),
			(.reports // {} | only($where; "accessibility annotations api_fuzzing codequality container_scanning " +
				"coverage_report cyclonedx dast dependency_scanning dotenv junit metrics requirements sast terraform"));
		def trigger($where):
			only($where; "include project branch strategy forward inputs"),
			(select(.strategy | IN("depend", "mirror", null) | not) | wrong($where; "strategy")),
			(.include[]? | only($where; "artifact job local project file ref template remote component inputs"),
				(select(has("artifact") != has("job")) | wrong($where; "artifact without job")));
		def job($name; $stages):
			(select((.stage // "test") | IN($stages[]) | not) | wrong($name; "no such stage")),
			(select(has("when") and (.when | IN("on_success", "on_failure", "never", "always", "manual", "delayed") | not)) |
				wrong($name; "when")),
			(.parallel // {} | objects | only($name; "matrix"),
				(.matrix // [] | select(length > 200) | wrong($name; "more than 200 jobs")),
				(.matrix[]? | to_entries[] | select((.key | test("^[A-Za-z_][A-Za-z0-9_]*$") | not) or
					(.value | type | IN("string", "array") | not)) | wrong($name; "matrix"))),
			(.artifacts // {} | artifacts($name)),
			if has("trigger") then
				only($name; "stage trigger needs rules when allow_failure variables inherit extends environment parallel"),
				(.trigger | trigger($name))
			else
				only($name; "after_script allow_failure artifacts before_script cache coverage dependencies environment " +
					"extends hooks id_tokens identity image inherit interruptible manual_confirmation needs pages parallel " +
					"release resource_group retry rules run script secrets services stage start_in tags timeout variables when"),
				(select(.script | lines | not) | wrong($name; "no script"))
			end;
		def jobs: del(.default, .stages, .variables, .workflow, .include);
		(.default // {} | only("default"; "after_script artifacts before_script cache hooks id_tokens image interruptible " +
			"retry services tags timeout")),
		(select(has("stages") and (.stages | lines | not)) | wrong("stages"; "no list")),
		(select(jobs | length == 0) | wrong("pipeline"; "no job")),
		(.stages // ["build", "test", "deploy"]) as $stages | jobs | to_entries[] | .key as $name | .value |
			if type == "object" then job($name; $stages) else wrong($name; "no keyword, nor a job") end'
}

# github_problems: the same of a workflow, by GitHub's "Workflow syntax for GitHub Actions"; .true is what YAML 1.1 makes of on.
github_problems() {
	jq -r '
		def only($where; $known): (keys - ($known | split(" ")))[] | "\($where): \(.) is no keyword";
		def step($where):
			only($where; "id if name uses run working-directory shell with env continue-on-error timeout-minutes"),
			(select(has("run") == has("uses")) | "\($where): a step runs or uses something"),
			(select(has("with") and (has("uses") | not)) | "\($where): with without uses");
		only("workflow"; "name run-name on true permissions env defaults concurrency jobs"),
		(.permissions // {} | to_entries[] | select(.value | IN("read", "write", "none") | not) | "permissions: \(.key)"),
		((.on // .true) | only("on"; "schedule workflow_dispatch push pull_request workflow_call workflow_run"),
			(.schedule[]? | only("schedule"; "cron timezone"), (select(.cron | split(" ") | length != 5) | "cron: five fields")),
			(.workflow_dispatch.inputs[]? | only("inputs"; "description required default type options deprecationMessage"))),
		(.jobs | to_entries[] | .key as $job | .value |
			only($job; "name permissions needs if runs-on environment concurrency outputs env defaults steps timeout-minutes " +
				"strategy continue-on-error container services"),
			(.strategy // {} | only($job; "matrix fail-fast max-parallel")),
			(.steps[]? | step($job)))'
}

@test "GitLab and GitHub have each keyword of their files" {
	command -v yq || skip "no yq: ci/setup engines installs it"
	yq . "$source/ci/gitlab/.gitlab-ci.yml" >first.json
	plan 3 | "$source/ci/gitlab/pipeline" >child.json
	plan 0 | "$source/ci/gitlab/pipeline" >empty.json
	yq . "$workflow" >workflow.json
	for file in first child empty; do
		gitlab_problems <"$file.json" >>problems
	done
	github_problems <workflow.json >>problems
	cat problems
	[ ! -s problems ]
}

@test "what is none of their keywords is seen" {
	command -v yq || skip "no yq: ci/setup engines installs it"
	yq . "$source/ci/gitlab/.gitlab-ci.yml" >first.json
	plan 3 | "$source/ci/gitlab/pipeline" >child.json
	yq . "$workflow" >workflow.json
	while IFS=: read -r problems file change; do
		jq "$change" "$file.json" >broken.json
		! cmp -s <(jq . "$file.json") broken.json || { echo "$change changes nothing"; false; }
		"$problems" <broken.json >seen
		[ -s seen ] || { echo "$change is not seen"; false; }
	done <<-'EOF'
		gitlab_problems:first:.image = "debian"
		gitlab_problems:first:.default.imagine = "debian"
		gitlab_problems:first:.cells.script = ["true"]
		gitlab_problems:first:.cells.trigger.strategy = "wait"
		gitlab_problems:first:del(.cells.trigger.include[0].job)
		gitlab_problems:first:.plan.artefacts = {}
		gitlab_problems:first:.plan.stage = "plans"
		gitlab_problems:child:del(.cell.script)
		gitlab_problems:child:.cell.script = "make"
		gitlab_problems:child:.cell.parallel.matrices = []
		gitlab_problems:child:.cell.parallel.matrix[0].KERNEL = 6
		gitlab_problems:child:.cell.parallel.matrix[0]["A B"] = "x"
		gitlab_problems:child:.cell.artifacts.reports.xunit = "x"
		gitlab_problems:child:.merge.when = "ever"
		gitlab_problems:child:.merge.artifacts.when = "never"
		gitlab_problems:child:del(.cell, .merge)
		github_problems:workflow:.jobs.cell.step = []
		github_problems:workflow:.jobs.cell.steps[0].uses = "x"
		github_problems:workflow:.jobs.cell.steps[0].environment = {}
		github_problems:workflow:.jobs.cell.strategy.failfast = true
		github_problems:workflow:.permissions.contents = "all"
		github_problems:workflow:.env2 = {}
		github_problems:workflow:(.on // .true).schedule[0].cron = "15 2 * *"
	EOF
}

# words LINE: of a shell's command from "run" on, sorted, --option VALUE as --option=VALUE; but for where it goes.
words() {
	local word words=()

	eval "set -- $1"
	while [[ $1 != run ]]; do shift; done
	shift
	for word; do
		if [[ $word == --* || ${#words[@]} == 0 ]]; then
			words+=("$word")
		else
			words[-1]+="=$word"
		fi
	done
	printf '%s\n' "${words[@]}" | grep -v '^--out=' | LC_ALL=C sort
}

@test "their jobs run what the plan says" {
	command -v yq || skip "no yq: ci/setup engines installs it"
	# No variables of the environment: make would take them from there.
	unset MAKEFLAGS MAKELEVEL MFLAGS KERNEL MMU OUT
	# shellcheck disable=SC2034 # of the commands
	local KERNEL="/a b/vmlinuz" MMU=shadow CI_NODE_INDEX=3
	XDG_CACHE_HOME=$PWD/cache "${SPTEST:-$source/build/sptest}" matrix --plan --json --kernels "$KERNEL" --mmu "$MMU" --out x >plan.json
	words "$(jq -r '.[0].command' plan.json)" >planned
	[ "$(wc -l <planned)" -eq 2 ]
	"$source/ci/gitlab/pipeline" <plan.json | jq -r '.cell.script[] | select(startswith("make check "))' >commands
	yq -r '.jobs.cell.steps[].run // "" | select(startswith("make check "))' "$workflow" >>commands
	[ "$(wc -l <commands)" -eq 2 ]
	while IFS= read -r command; do
		eval "${command/#make check/make -C '$source' -n O='$PWD/b' check}" | grep '/sptest run' >line
		words "$(<line)" >run
		diff planned run
		grep -q -- "--out '$PWD/out" line
	done <commands
}
