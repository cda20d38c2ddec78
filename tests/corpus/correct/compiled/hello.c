#include <stdio.h>

int main(void) {
    puts("Content-Type: text/plain\n\nHello from C");
    return 0;
}
