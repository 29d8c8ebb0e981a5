"""What a program draws that the file does not hold as text: raised digits, numbers of lists."""
