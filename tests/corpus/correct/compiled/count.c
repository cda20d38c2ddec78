#include <stdio.h>
#include <stdlib.h>

int main(void) {
    const char *length = getenv("CONTENT_LENGTH");
    long left = length ? atol(length) : 0, count = 0;
    while (left-- > 0 && getchar() != EOF) count++;
    printf("Content-Type: text/plain\r\n\r\n%ld bytes\n", count);
    return 0;
}
