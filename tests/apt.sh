# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# apt with lists, a state and a cache of its own, for any architecture: what is fetched is checked by Debian's keys, nothing is
# installed, and this machine's own packages are neither read nor changed. Root is not needed.

# "SITE RELEASE" as this machine's apt has them: the first source that is Debian's and no updates; nothing: there is none.
apt_source() {
	# shellcheck disable=SC2016 # apt's variables
	apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT) $(ORIGIN)' 'Created-By: Packages' 2>/dev/null |
		awk '$3 == "main" && $2 !~ /[-\/]/ && ($4 == "Debian" || $4 == "") { print $1, $2; exit }'
}

# apt_configure FOLDER ARCHITECTURE SITE RELEASE...: what apt_own then works with, all of it in the folder; packages come into its
# archives/. What the machine's configuration does after an update is not ours to do.
apt_configure() {
	apt=$1 apt_architecture=$2 apt_site=$3
	shift 3
	mkdir -p "$apt/state/lists/partial" "$apt/archives/partial" || return
	apt_keys=
	for apt_file in /usr/share/keyrings/debian-archive-keyring.pgp /usr/share/keyrings/debian-archive-keyring.gpg; do
		[ ! -e "$apt_file" ] || apt_keys="[signed-by=$apt_file] "
	done
	for apt_release; do
		echo "deb ${apt_keys}$apt_site $apt_release main"
	done >"$apt/sources.list"
	: >"$apt/state/status"
	cat >"$apt/apt.conf" <<-END
		#clear APT::Update::Pre-Invoke;
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
		APT::Architecture "$apt_architecture";
		APT::Architectures "$apt_architecture";
		APT::Sandbox::User "";
		APT::Install-Recommends "false";
		APT::Update::Error-Mode "any";
		APT::Get::AllowUnauthenticated "false";
		Acquire::AllowInsecureRepositories "false";
		Acquire::Languages "none";
		Dir::State "$apt/state";
		Dir::State::status "$apt/state/status";
		Dir::Cache "$apt";
		Dir::Etc::sourcelist "$apt/sources.list";
		Dir::Etc::sourceparts "/dev/null";
	END
}

# apt_own apt-get|apt-cache WORDS...
apt_own() {
	apt_command=$1
	shift
	"$apt_command" -q -c "$apt/apt.conf" "$@"
}
