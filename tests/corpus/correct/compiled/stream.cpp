#include <iostream>

int main() {
    std::cout << "Content-Type: text/plain\n\n" << std::flush;
    for (int n = 0; n < 3; n++) std::cout << n << std::endl;
}
