#include "decoder/sandbox.h"

#include "decoder/memory_limit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* How a call that is listed is treated; the rest is fatal. */
enum treatment {
    ALLOW,
    REFUSE, /* EACCES: nothing of this kind is there for the process */
    ABSENT, /* ENOSYS: the caller falls back to an older call, which can be looked into */
};

struct call {
    int number;
    enum treatment treatment;
};

static const struct call calls[] = {
    /* the picture, the results */
    {SCMP_SYS(read), ALLOW},
    {SCMP_SYS(pread64), ALLOW},
    {SCMP_SYS(readv), ALLOW},
    {SCMP_SYS(preadv), ALLOW},
    {SCMP_SYS(lseek), ALLOW},
    {SCMP_SYS(fstat), ALLOW},
    {SCMP_SYS(write), ALLOW},
    {SCMP_SYS(writev), ALLOW},
    {SCMP_SYS(close), ALLOW},
    {SCMP_SYS(dup), ALLOW},
    {SCMP_SYS(sendmsg), ALLOW},
    {SCMP_SYS(memfd_create), ALLOW},
    {SCMP_SYS(ftruncate), ALLOW},
    {SCMP_SYS(fcntl), ALLOW},
    /* memory */
    {SCMP_SYS(brk), ALLOW},
    {SCMP_SYS(mmap), ALLOW},
    {SCMP_SYS(munmap), ALLOW},
    {SCMP_SYS(mremap), ALLOW},
    {SCMP_SYS(mprotect), ALLOW},
    {SCMP_SYS(madvise), ALLOW},
    /* threads, but no process */
    {SCMP_SYS(clone3), ABSENT},
    {SCMP_SYS(futex), ALLOW},
    {SCMP_SYS(set_robust_list), ALLOW},
    {SCMP_SYS(rseq), ALLOW},
    {SCMP_SYS(gettid), ALLOW},
    {SCMP_SYS(getpid), ALLOW},
    {SCMP_SYS(sched_yield), ALLOW},
    {SCMP_SYS(sched_getaffinity), ALLOW},
    {SCMP_SYS(sched_setaffinity), REFUSE},
    {SCMP_SYS(sched_getparam), ALLOW},
    {SCMP_SYS(sched_getscheduler), ALLOW},
    {SCMP_SYS(membarrier), ALLOW},
    {SCMP_SYS(exit), ALLOW},
    {SCMP_SYS(exit_group), ALLOW},
    /* signals to itself, time, chance */
    {SCMP_SYS(rt_sigaction), ALLOW},
    {SCMP_SYS(rt_sigprocmask), ALLOW},
    {SCMP_SYS(rt_sigreturn), ALLOW},
    {SCMP_SYS(sigaltstack), ALLOW},
    {SCMP_SYS(restart_syscall), ALLOW},
    {SCMP_SYS(clock_gettime), ALLOW},
    {SCMP_SYS(clock_getres), ALLOW},
    {SCMP_SYS(clock_nanosleep), ALLOW},
    {SCMP_SYS(nanosleep), ALLOW},
    {SCMP_SYS(gettimeofday), ALLOW},
    {SCMP_SYS(getrandom), ALLOW},
    /* questions with harmless answers */
    {SCMP_SYS(uname), ALLOW},
    {SCMP_SYS(sysinfo), ALLOW},
    {SCMP_SYS(getrusage), ALLOW},
    {SCMP_SYS(times), ALLOW},
    {SCMP_SYS(getuid), ALLOW},
    {SCMP_SYS(geteuid), ALLOW},
    {SCMP_SYS(getgid), ALLOW},
    {SCMP_SYS(getegid), ALLOW},
    {SCMP_SYS(umask), ALLOW}, /* orc, before it looks for a file to keep compiled code in */
    {SCMP_SYS(getcwd), REFUSE},
    {SCMP_SYS(ioctl), REFUSE},
/* files */
#ifdef __NR_open
    {SCMP_SYS(open), REFUSE},
#endif
#ifdef __NR_access
    {SCMP_SYS(access), REFUSE},
#endif
#ifdef __NR_stat
    {SCMP_SYS(stat), REFUSE},
#endif
#ifdef __NR_lstat
    {SCMP_SYS(lstat), REFUSE},
#endif
#ifdef __NR_readlink
    {SCMP_SYS(readlink), REFUSE},
#endif
    {SCMP_SYS(openat), REFUSE},
    {SCMP_SYS(openat2), REFUSE},
    {SCMP_SYS(faccessat), REFUSE},
    {SCMP_SYS(faccessat2), REFUSE},
    {SCMP_SYS(readlinkat), REFUSE},
    {SCMP_SYS(statfs), REFUSE},
    {SCMP_SYS(statx), ABSENT},
};

static uint32_t action_of(enum treatment treatment) {
    return treatment == ALLOW ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(treatment == REFUSE ? EACCES : ENOSYS);
}

/* Calls that depend on their arguments. */
static int add_conditions(scmp_filter_ctx filter) {
    const struct scmp_arg_cmp is_thread = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
    const struct scmp_arg_cmp is_own = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0);
    const struct scmp_arg_cmp own_limits[] = {SCMP_A0(SCMP_CMP_EQ, 0, 0), SCMP_A2(SCMP_CMP_EQ, 0, 0)};
    const struct scmp_arg_cmp is_name = SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0);
    const struct scmp_arg_cmp is_no_name = SCMP_A0(SCMP_CMP_NE, PR_SET_NAME, 0);
    const struct scmp_arg_cmp by_descriptor = SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH);
    const struct scmp_arg_cmp by_path = SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, 0);
    int failed = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, &is_thread);
    failed |= seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, &is_own);
    failed |= seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2, own_limits);
    failed |= seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, &is_name);
    failed |= seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(prctl), 1, &is_no_name);
    failed |= seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1, &by_descriptor);
    failed |= seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(newfstatat), 1, &by_path);
    return failed;
}

static void filter_freep(scmp_filter_ctx *filter) {
    if (*filter != NULL) {
        seccomp_release(*filter);
    }
}

static bool enter_filter(struct error *err) {
    _cleanup_(filter_freep) scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int failed = filter == NULL ? -1 : add_conditions(filter);
    for (size_t i = 0; failed == 0 && i < sizeof calls / sizeof calls[0]; i++) {
        failed = seccomp_rule_add(filter, action_of(calls[i].treatment), calls[i].number, 0);
    }
    failed = failed != 0 ? failed : seccomp_load(filter); /* sets no_new_privs, too */
    return failed == 0 || error_set(err, ERROR_INTERNAL, "the seccomp filter cannot be loaded: %d", failed);
}

static bool limit(int resource, int64_t soft, int64_t hard) {
    const struct rlimit limits = {.rlim_cur = (rlim_t)soft, .rlim_max = (rlim_t)hard};
    return setrlimit((__rlimit_resource_t)resource, &limits) == 0;
}

bool sandbox_enter(const struct sandbox_limits *limits, struct error *err) {
    int64_t cpu_s = (limits->cpu_ms + 999) / 1000;
    /* Of time the soft limit ends it, by a signal that tells what for; the hard one would by SIGKILL. */
    if (!limit(RLIMIT_CPU, cpu_s, cpu_s + 1) || !limit(RLIMIT_FSIZE, limits->file_bytes, limits->file_bytes) ||
        !limit(RLIMIT_NOFILE, limits->descriptors, limits->descriptors) || !limit(RLIMIT_CORE, 0, 0) ||
        !memory_limit_set(limits->memory_bytes) || prctl(PR_SET_DUMPABLE, 0) != 0) {
        return error_set(err, ERROR_INTERNAL, "the limits cannot be set: %s", strerror(errno));
    }
    return enter_filter(err);
}
