/*
 * measure COMMAND...: runs it with its output to nowhere and prints its wall and CPU seconds, its peak memory in bytes
 * and its exit code.
 *
 * A process begins with the peak memory of the one it was started from, so that must be a small one.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;

	if (argc < 2)
		return 2;
	double begin = now();
	pid_t pid = fork();
	if (pid == 0) {
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
		return 2;
	printf("%.6f %.6f %ld %d\n", now() - begin, seconds(usage.ru_utime) + seconds(usage.ru_stime),
	    usage.ru_maxrss * 1024, WIFEXITED(status) ? WEXITSTATUS(status) : 255);
	return 0;
}
