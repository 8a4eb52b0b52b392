#!/bin/sh
# Runs what bench/pack_gpu.mjs packed on this machine's GPU.
set -u
here=$(cd "$(dirname "$0")" && pwd)
PATH=$PATH:/usr/sbin:/sbin

usage() {
  cat <<END
run.sh tests [OPTIONS]   the tests of the project dawn; options are Vitest's. The log goes to tests.log
                         in this folder.
run.sh bench [OPTIONS]   the benchmark; --help tells its options
run.sh kernels [OPTIONS] a training step kernel by kernel; --help tells its options

They run on hardware alone; LETHE_TEST_ADAPTER= (empty) lets the tests take a software adapter.
VK_ICD_FILENAMES names the driver where it is not found.
END
}

# The libraries that lie here, as far as the machine has none of its own.
known=$(ldconfig -p 2>/dev/null)
mkdir -p "$here/lacking"
for file in "$here"/lib/*; do
  name=${file##*/}
  case $known in *"$name "*) rm -f "$here/lacking/$name" ;; *) ln -sf "$file" "$here/lacking" ;; esac
done
export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/lacking"

# Containers have NVIDIA's driver where the Vulkan loader does not look.
if [ -z "${VK_ICD_FILENAMES:-}${VK_DRIVER_FILES:-}" ]; then
  for file in /usr/share/vulkan/icd.d /etc/vulkan/icd.d /usr/local/nvidia/share/vulkan/icd.d; do
    file=$file/nvidia_icd.json
    if [ -f "$file" ]; then
      export VK_ICD_FILENAMES="$file"
      break
    fi
  done
fi

tests() {
  case " $* " in *" --project"*) ;; *) set -- --project dawn "$@" ;; esac
  export LETHE_TEST_ADAPTER="${LETHE_TEST_ADAPTER-hardware}" NO_COLOR=1
  log=$here/tests.log
  "$here/node" "$here/scripts/test.mjs" "$@" >"$log" 2>&1
  status=$?
  # What scripts/test.mjs itself has to say stands at the end.
  grep -E '^(failed in|no test ran|tests skipped|[0-9]+ passed, )' "$log" || tail -n 20 "$log"
  echo "log: $log"
  return $status
}

what=${1:-}
[ $# -gt 0 ] && shift
case $what in
  tests) tests "$@" ;;
  bench) exec "$here/node" "$here/bench/gpu.mjs" "$@" ;;
  kernels) exec "$here/node" "$here/bench/kernels.mjs" "$@" ;;
  *) usage; exit 2 ;;
esac
